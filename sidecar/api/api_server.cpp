// Puts the stage together, and takes it apart in the order that lets nothing dangle.
#include "api/api_server.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "api/api_services.hpp"
#include "api/listener.hpp"
#include "api/origin_check.hpp"
#include "api/token.hpp"

namespace weir {
namespace {

// Checked before anything is made: a refused start leaves no secret behind.
boost::asio::ip::tcp::endpoint safe_endpoint(const ApiSettings& settings) {
  const auto endpoint = listen_endpoint(settings);
  check_listen_safety(settings, endpoint);
  for (const auto& origin : settings.allowed_origins) {
    if (!is_origin(origin))
      throw std::runtime_error(
          "api.allowed_origins: \"" + origin +
          "\" is no origin: write https://monitor.example or https://monitor.example:8443, without a path");
  }
  return endpoint;
}

}  // namespace

struct ApiServer::Impl {
  Impl(ApiSettings settings, ApiBackend& backend, const Clock& clock)
      : endpoint(safe_endpoint(settings)),
        services{.settings = settings,
                 .backend = backend,
                 .clock = clock,
                 .secret = load_or_make_secret(settings.secret_file),
                 .files = StaticFiles(settings.web_dir),
                 .on_loopback = endpoint.address().is_loopback()},
        listener(services, endpoint, load_tls(settings)) {}

  const boost::asio::ip::tcp::endpoint endpoint;
  ApiServices services;
  Listener listener;
  std::thread thread;
};

ApiServer::ApiServer(ApiSettings settings, ApiBackend& backend, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), backend, clock)) {}

ApiServer::~ApiServer() { stop(); }

std::uint16_t ApiServer::port() const { return impl_->listener.port(); }

std::vector<ApiConnection> ApiServer::connections() const { return impl_->services.log.connections(); }

std::vector<RefusalStatus> ApiServer::refusals() const {
  const auto& counters = impl_->services.counters;
  return {counters.logins_refused.status(), counters.displaced.status(), counters.members_refused.status()};
}

void ApiServer::start() {
  impl_->listener.accept();
  impl_->thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "weir-api");
    const auto guard = boost::asio::make_work_guard(impl_->services.io);
    impl_->services.io.run();
  });
}

void ApiServer::stop() {
  auto& services = impl_->services;
  if (impl_->thread.joinable()) {
    std::promise<void> closed;
    boost::asio::post(services.io, [&] {
      impl_->listener.close();
      for (auto* connection : services.places.all()) connection->close();
      closed.set_value();
    });
    closed.get_future().wait();
  }
  services.pool.stop();
  services.io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace weir
