// The sources of one question that still answer. Each round asks all of them at once; who fails in a later round is
// left out, and the question begins anew without it. Lives for one question; one thread, beside those that it starts.
#pragma once
#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "query/merged_answerer.hpp"

namespace weir {

// One that had answered fails: what it told is worth nothing without the rest.
struct SourceLost {
  std::size_t position = 0;
  std::string why;
};

// In the order of their positions.
using SourcesLost = std::vector<SourceLost>;

class AskedSources {
 public:
  explicit AskedSources(const std::vector<MergedAnswerer::Source>& sources) {
    for (const auto& source : sources) asked_.push_back(&source);
  }

  std::size_t size() const { return asked_.size(); }
  const std::string& name(std::size_t position) const { return asked_[position]->name; }
  std::vector<AwayAnswerer> take_away() { return std::move(away_); }
  // Without the one that was lost. The first is never lost: its error is the answer.
  void leave_out(const SourcesLost& lost) {
    for (auto one = lost.rbegin(); one != lost.rend(); ++one) leave_out(*one);
  }
  void leave_out(const SourceLost& lost) {
    away_.push_back({.name = name(lost.position), .why = lost.why});
    asked_.erase(asked_.begin() + static_cast<std::ptrdiff_t>(lost.position));
  }

  // A question for each source, or nothing for those that are not asked.
  template <class Question>
  using Questions = std::function<std::optional<Question>(std::size_t position)>;

  // The first round. The error is that of the first source, or that of a name in the filter that none of them knows.
  template <class T, class Question>
  Result<std::vector<Answer<T>>> ask_first(const Question& question, const QueryControl& control) {
    auto answers = ask<T, Question>([&](std::size_t) { return question; }, control);
    if (!answers.front()) return answers.front().error();
    std::vector<Answer<T>> told;
    for (auto& answer : answers) {
      if (!answer) {
        leave_out({.position = told.size(), .why = answer.error().message});
      } else if (const auto same = same_as(answer->gaps.collector, told); same) {
        leave_out({.position = told.size(),
                   .why = "is " +
                          (name(*same).empty() ? "this collector itself" : "the same collector as " + name(*same)) +
                          "; take it out of peers.ask"});
      } else {
        told.push_back(*std::move(answer));
      }
    }
    for (const auto& unknown : told.front().result.unknown_names) {
      const auto knows = [&](const Answer<T>& answer) {
        const auto& names = answer.result.unknown_names;
        return std::none_of(names.begin(), names.end(), [&](const Error& e) { return e.column == unknown.column; });
      };
      if (std::none_of(told.begin(), told.end(), knows)) return unknown;
    }
    return told;
  }

  // A later round. Throws SourcesLost; the error is that of the first source.
  template <class T, class Question>
  Result<std::vector<std::optional<Answer<T>>>> ask_more(const Questions<Question>& question_for,
                                                         const QueryControl& control) {
    std::vector<std::optional<Question>> questions;
    for (std::size_t i = 0; i < size(); ++i) questions.push_back(question_for(i));
    auto answers = ask<T, Question>([&](std::size_t i) { return questions[i]; }, control);
    std::vector<std::optional<Answer<T>>> told(size());
    SourcesLost lost;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!questions[i]) continue;
      if (!answers[i] && i == 0) return answers[i].error();
      if (answers[i]) told[i] = *std::move(answers[i]);
      else lost.push_back({.position = i, .why = answers[i].error().message});
    }
    if (!lost.empty()) throw lost;
    return told;
  }

 private:
  template <class T>
  static std::optional<std::size_t> same_as(const std::string& collector, const std::vector<Answer<T>>& told) {
    for (std::size_t i = 0; i < told.size(); ++i) {
      if (!collector.empty() && told[i].gaps.collector == collector) return i;
    }
    return std::nullopt;
  }

  static Result<Answer<QueryResult>> ask_one(Answerer& answerer, const Query& query, const QueryControl& control) {
    return answerer.answer(query, control);
  }
  static Result<Answer<SessionResult>> ask_one(Answerer& answerer, const SessionQuery& query,
                                               const QueryControl& control) {
    return answerer.sessions(query, control);
  }

  template <class T, class Question>
  std::vector<Result<Answer<T>>> ask(const Questions<Question>& question_for, const QueryControl& control) {
    std::vector<Result<Answer<T>>> answers(size(), Result<Answer<T>>(error("not asked")));
    const auto run = [&](std::size_t i, const QueryControl& with) {
      auto question = question_for(i);
      if (!question) return;
      question->foreign_names = true;
      // What goes wrong at one source is no matter of the others, and nothing leaves a thread.
      try {
        answers[i] = ask_one(*asked_[i]->answerer, *question, with);
      } catch (const std::exception& e) {
        answers[i] = error(e.what());
      }
    };
    // The first one tells how far the work is.
    auto quiet = control;
    quiet.on_progress = {};
    quiet.over_limit = nullptr;
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < size(); ++i) {
      try {
        threads.emplace_back([&, i] { run(i, quiet); });
      } catch (const std::system_error& e) {
        answers[i] = error(std::string("no thread could be had to ask it: ") + e.what());
      }
    }
    run(0, control);
    threads.clear();
    return answers;
  }

  std::vector<const MergedAnswerer::Source*> asked_;
  std::vector<AwayAnswerer> away_;
};

}  // namespace weir
