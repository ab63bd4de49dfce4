// The running collector: builds every stage and connects each to the next. The file to read first.
//
//   receive ─▶ worker (decode ─▶ session) ─▶ store ◀─ query ◀─ api
//                                              ▲
//                                            alert ─▶ Zabbix, webhook, syslog, mail
//                                            monitor ◀─▶ Zabbix
//
// start() and stop() from the main thread.
#pragma once
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "alert/alert_engine.hpp"
#include "api/api_server.hpp"
#include "app/api_backend.hpp"
#include "app/memory_keeper.hpp"
#include "app/sender_watch.hpp"
#include "app/settings.hpp"
#include "app/stage_settings.hpp"
#include "app/told_traffic_names.hpp"
#include "app/traffic_rates.hpp"
#include "app/worker.hpp"
#include "console/console_server.hpp"
#include "core/clock.hpp"
#include "enrich/address_database.hpp"
#include "flow/exporter_table.hpp"
#include "monitor/monitor.hpp"
#include "receive/allowed_senders.hpp"
#include "receive/tcp_listener.hpp"
#include "receive/udp_listener.hpp"
#include "script/server_ports.hpp"
#include "script/traffic_name_scripts.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace weir {

// What a stop could not finish.
struct StopReport {
  std::uint64_t datagrams_left = 0;  // received, and not decoded
};

class Pipeline final : private DatagramSink {
 public:
  // Opens the store, binds the sockets. Throws std::runtime_error naming file or setting.
  Pipeline(const Settings& settings, const Clock& clock);
  ~Pipeline() override;

  void start();
  // In corridor order: no more datagrams, all of them decoded as far as receive.stop_ms allows, every session
  // committed. Harmless when repeated.
  StopReport stop();

  std::uint16_t api_port() const { return api_.port(); }
  std::vector<ListenerStatus> listeners() const { return listener_.status(); }
  StoreStatus store_status() const { return store_.status(); }
  // Received and not decoded, because a worker was behind.
  std::uint64_t datagrams_dropped() const;
  // Grows once a second as long as the collector works: the housekeeper has looked at every stage.
  std::uint64_t house_rounds() const { return house_rounds_; }

 private:
  void on_datagrams(std::span<const Datagram> datagrams) override;
  // Half of every worker's queue is free: TCP senders need not wait.
  bool has_room() const;
  void restore_learnt();
  // Once a second: script files, the files of addresses, rates, what the log should say.
  void keep_house();
  void look_after_exporters();

  const Settings settings_;
  const Clock& clock_;
  AllowedSenders allowed_;
  ExporterTable exporters_;
  ServerPorts server_ports_;
  TrafficNameScripts name_scripts_;
  ToldTrafficNames traffic_names_;
  std::shared_ptr<const PortTable> ports_in_force_;  // housekeeper: what the workers have
  AddressDatabases databases_;
  TrafficRates rates_;
  SqliteStore store_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Monitor monitor_;
  AlertEngine alerts_;
  std::mutex receiving_;                                       // UDP and TCP have a thread each
  std::vector<Datagram> named_;                                // the batch at work, by exporter
  std::vector<std::vector<DatagramQueue::Arrival>> arrivals_;  // by worker
  SenderWatch sender_watch_;                                   // the housekeeper's
  UdpListener listener_;
  TcpListener tcp_listener_;
  ApiBackendOfPipeline backend_;
  MemoryKeeper memory_keeper_;
  ApiServer api_;
  const ConsoleServices console_services_;
  ConsoleServer console_;

  std::mutex house_mutex_;
  std::condition_variable house_wake_;
  bool stopping_ = false;
  std::atomic<std::uint64_t> house_rounds_{0};
  std::thread housekeeper_;
};

}  // namespace weir
