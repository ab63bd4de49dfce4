// `weir tap`: asks the console of a running collector for the records that came since, again and again.
#include <csignal>
#include <iostream>

#include "app/commands.hpp"
#include "app/console_client.hpp"

namespace weir {

namespace {

constexpr int kSilentAnswers = 10;  // of about a second each, before it is said that nothing comes

std::string filter_of(const TapOptions& options) {
  std::string exporters;
  for (const auto& one : options.exporters)
    exporters += (exporters.empty() ? "exporter \"" : " or exporter \"") + one + '"';
  if (exporters.empty()) return options.filter;
  return options.filter.empty() ? exporters : "(" + exporters + ") and (" + options.filter + ")";
}

// Takes the last line off an answer: "next N missed M".
std::string take_next(std::string& answer, std::uint64_t& missed) {
  const auto begin = answer.size() < 2 ? std::string::npos : answer.rfind('\n', answer.size() - 2);
  const std::string line = answer.substr(begin == std::string::npos ? 0 : begin + 1);
  answer.resize(begin == std::string::npos ? 0 : begin + 1);
  const auto number = line.find(' ') + 1, word = line.find(" missed ");
  if (!line.starts_with("next ") || word == std::string::npos)
    throw std::runtime_error("the collector answered with something else; is it of another version?");
  missed = std::stoull(line.substr(word + 8));
  return line.substr(number, word - number);
}

}  // namespace

int tap_command(const TapOptions& options) {
  const auto filter = filter_of(options);
  if (filter.find_first_of("\r\n") != std::string::npos) {
    std::cerr << "weir tap: --filter takes one line\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  ConsoleClient client(load_settings(options.common).path("store.dir").string());
  const std::string order = std::string(options.format == "json" ? "tap json after " : "tap after ");
  std::uint64_t shown = 0;
  int silent = 0;
  for (std::string next = "0"; options.count == 0 || shown < options.count;) {
    auto answer = client.ask(order + next + (filter.empty() ? "" : " " + filter));
    if (!answer) throw client.lost();
    if (answer->starts_with("? ") || answer->starts_with("! ")) {
      std::cerr << "weir tap: " << answer->substr(2) << std::flush;
      return answer->front() == '?' ? 2 : 1;
    }
    std::uint64_t missed = 0;
    next = take_next(*answer, missed);
    if (missed != 0)
      std::cerr << "weir tap: " << missed << " records came too fast to be shown; they are stored all the same\n";
    if (answer->empty() && shown == 0 && ++silent == kSilentAnswers) {
      std::cerr << "weir tap: no record" << (filter.empty() ? "" : " that passes the filter")
                << " within 10 s; weir doctor says who sends, and what is not decoded\n";
    }
    for (std::size_t at = 0; at < answer->size() && (options.count == 0 || shown < options.count); ++shown) {
      const auto end = answer->find('\n', at);
      std::cout << answer->substr(at, end + 1 - at);
      at = end + 1;
    }
    std::cout.flush();
    if (!std::cout) return 0;  // who read it has gone
  }
  return 0;
}

}  // namespace weir
