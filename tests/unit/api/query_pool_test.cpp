// Places are shared between clients, and stop ends what runs.
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "api/query_pool.hpp"
#include "support/catch.hpp"

using namespace weir;

namespace {

QueryPool::Job job(const std::string& client, std::vector<std::string>& done, std::vector<std::string>& given_up) {
  return {.client = client,
          .run = [&done, client] { done.push_back(client); },
          .give_up = [&given_up, client] { given_up.push_back(client); }};
}

}  // namespace

TEST_CASE("the client with the most places loses one to a client that has none") {
  std::vector<std::string> done, given_up;  // what is left at the end is given up
  QueryPool pool(0, 4);
  for (int i = 0; i < 4; ++i) CHECK(pool.try_run(job("greedy", done, given_up)));
  CHECK_FALSE(pool.try_run(job("greedy", done, given_up)));
  CHECK(given_up.empty());
  CHECK(pool.try_run(job("modest", done, given_up)));
  CHECK(given_up == std::vector<std::string>{"greedy"});
  CHECK(pool.displaced() == 1);
  // Three and one become two and two, and that is even.
  CHECK(pool.try_run(job("modest", done, given_up)));
  CHECK_FALSE(pool.try_run(job("modest", done, given_up)));
  CHECK(given_up.size() == 2);
}

TEST_CASE("what waits is begun for the clients in turn") {
  std::vector<std::string> done, given_up;  // what is left at the end is given up
  QueryPool pool(0, 8);
  for (const auto* client : {"a", "a", "b"}) pool.try_run(job(client, done, given_up));
  while (pool.run_one()) {}
  CHECK(done == std::vector<std::string>{"a", "a", "b"});
}

TEST_CASE("stop ends what runs and lets go of what waits") {
  std::atomic<bool> ended{false};
  std::promise<void> begun;
  QueryPool pool(1, 1);
  REQUIRE(pool.try_run({.client = "a",
                        .run =
                            [&] {
                              begun.set_value();
                              while (!ended) std::this_thread::yield();
                            },
                        .give_up = [&] { ended = true; }}));
  begun.get_future().wait();
  pool.stop();
  CHECK(ended);
  CHECK(pool.running() == 0);
  CHECK_FALSE(pool.try_run({.client = "a", .run = [] {}, .give_up = [] {}}));
}
