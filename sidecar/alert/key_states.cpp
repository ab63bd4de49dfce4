// One step of the state machine per window; keys that the window does not name count as cleared.
#include "alert/key_states.hpp"

#include <unordered_map>

namespace weir {

std::vector<Transition> KeyStates::advance(const Rule& rule, const WindowVerdicts& window, std::uint32_t max_keys) {
  const auto now = window.window.to_ms;
  const bool gap = end_ms_ != 0 && now - end_ms_ > rule.every_ms;
  end_ms_ = now;
  std::unordered_map<std::string, const Verdict*> by_key;
  for (const auto& v : window.verdicts) by_key.emplace(v.key, &v);

  std::vector<Transition> transitions;
  for (auto it = states_.begin(); it != states_.end();) {
    auto& [key, state] = *it;
    const auto found = by_key.find(key);
    const Verdict* verdict = found == by_key.end() ? nullptr : found->second;
    const bool met = verdict && verdict->met;
    bool keep = true;
    if (state.phase == KeyState::Phase::kPending) {
      if (gap) state.since_ms = now;
      keep = met;
      if (met && now - state.since_ms >= rule.for_ms) {
        state.phase = KeyState::Phase::kFiring;
        transitions.push_back({.kind = Transition::Kind::kOpened,
                               .key = key,
                               .since_ms = state.since_ms,
                               .at_ms = now,
                               .verdict = verdict});
      }
    } else if (verdict ? verdict->cleared : true) {
      if (state.clear_since_ms == 0) state.clear_since_ms = now;
      if (now - state.clear_since_ms >= rule.clear_after_ms) {
        keep = false;
        transitions.push_back({.kind = Transition::Kind::kClosed,
                               .key = key,
                               .since_ms = state.since_ms,
                               .at_ms = now,
                               .verdict = verdict});
      }
    } else {
      state.clear_since_ms = 0;
    }
    if (verdict) by_key.erase(found);
    it = keep ? std::next(it) : states_.erase(it);
  }
  for (const auto& v : window.verdicts) {
    if (!v.met || by_key.count(v.key) == 0) continue;
    if (states_.size() >= max_keys) {
      ++refused_;
      continue;
    }
    KeyState state{.since_ms = now};
    if (rule.for_ms == 0) {
      state.phase = KeyState::Phase::kFiring;
      transitions.push_back(
          {.kind = Transition::Kind::kOpened, .key = v.key, .since_ms = now, .at_ms = now, .verdict = &v});
    }
    states_.emplace(v.key, state);
  }
  return transitions;
}

}  // namespace weir
