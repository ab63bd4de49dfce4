// scenario_store: the model test of the store. Runs sequences by chance, or those of files, and prints what it did. A
// sequence that fails is shrunk and printed; put into kept/, it is replayed by every test run.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "scenario/store/shrink.hpp"
#include "scenario/store/world.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

constexpr const char* kUsage =
    "scenario_store [--sequences N] [--seed S] [--steps M] [--failures F] [--without COMMAND]…\n"
    "    N sequences of M commands from seed S on; ends after F failures\n"
    "scenario_store FILE…\n"
    "    replays the sequences of the files\n";

struct Options {
  std::uint64_t sequences = 100, seed = 1, steps = 40, failures = 1;
  std::vector<CommandKind> without;
  std::vector<std::string> files;
};

void print(const Tally& tally, std::uint64_t failures, double seconds) {
  std::cout << tally.sequences << " sequences, " << tally.commands << " commands, " << tally.comparisons
            << " comparisons in " << seconds << " s; ";
  for (const auto& [kind, count] : tally.faults) std::cout << kind << " " << count << ", ";
  std::cout << failures << " differences" << std::endl;
}

std::optional<std::string> run(const Sequence& sequence, Tally& tally) {
  World world(sequence);
  auto difference = world.run();
  tally.add(world.tally());
  return difference;
}

void report(const Sequence& sequence, const std::string& difference, const std::string& name) {
  std::cout << "DIFFERENCE in " << name << ", " << difference << "\nshrinking…" << std::endl;
  const auto fails = [](const Sequence& shorter) { return World(shorter).run().has_value(); };
  const auto shortest = shrink(sequence, fails, 1500);
  const auto why = World(shortest).run();
  std::cout << "# " << why.value_or("it does not fail each time: " + difference) << "\n"
            << text_of(shortest) << std::endl;
}

int run_files(const std::vector<std::string>& files) {
  Tally tally;
  std::uint64_t failures = 0;
  for (const auto& file : files) {
    std::ifstream in(file);
    const auto sequence = parse_sequence({std::istreambuf_iterator<char>(in), {}});
    if (!in || !sequence) {
      std::cerr << file << ": " << (in ? sequence.error().message : "cannot be read") << "\n";
      return 2;
    }
    const auto difference = run(*sequence, tally);
    std::cout << file << ": " << difference.value_or("as the model") << std::endl;
    failures += difference.has_value();
  }
  print(tally, failures, 0);
  return failures == 0 ? 0 : 1;
}

int run_random(const Options& options) {
  Tally tally;
  std::uint64_t failures = 0;
  const auto started = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  double printed = 0;
  for (std::uint64_t i = 0; i < options.sequences && failures < options.failures; ++i) {
    const auto seed = options.seed + i;
    const auto sequence = random_sequence(seed, options.steps, options.without);
    if (const auto difference = run(sequence, tally)) {
      ++failures;
      report(sequence, *difference, "the sequence of seed " + std::to_string(seed));
    }
    if (seconds() > printed + 20) {
      printed = seconds();
      print(tally, failures, printed);
    }
  }
  print(tally, failures, seconds());
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  set_log_level(std::getenv("WEIR_MODEL_LOG") ? "debug" : "off", "store");
  Options options;
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint64_t* number = words[i] == "--sequences"  ? &options.sequences
                            : words[i] == "--seed"     ? &options.seed
                            : words[i] == "--steps"    ? &options.steps
                            : words[i] == "--failures" ? &options.failures
                                                       : nullptr;
    const auto value = i + 1 < words.size() ? words[i + 1] : "";
    if (number && !value.empty()) {
      *number = std::strtoull(value.c_str(), nullptr, 10);
      ++i;
    } else if (words[i] == "--without" && command_kind(value)) {
      options.without.push_back(*command_kind(value));
      ++i;
    } else if (words[i].starts_with("-")) {
      std::cerr << kUsage;
      return 2;
    } else {
      options.files.push_back(words[i]);
    }
  }
  return options.files.empty() ? run_random(options) : run_files(options.files);
}
