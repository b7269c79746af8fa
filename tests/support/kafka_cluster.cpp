#include "kafka_cluster.hpp"

#include "kafka_broker.hpp"
#include "kafka_java.hpp"

#include <chrono>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {

namespace {

using namespace std::chrono_literals;

constexpr auto cluster_start_time = 60s;

std::string id(std::size_t node) { return std::to_string(node + 1); }

}  // namespace

KafkaCluster::KafkaCluster() {
  {
    const std::array<FreePort, nodes> clients, controllers;
    for (std::size_t node = 0; node < nodes; ++node) {
      clients_[node] = clients[node].address();
      controllers_[node] = controllers[node].address();
    }
  }
  std::string voters;
  for (std::size_t node = 0; node < nodes; ++node)
    voters += (voters.empty() ? "" : ",") + id(node) + "@" + controllers_[node];
  for (std::size_t node = 0; node < nodes; ++node) {
    write_properties(node, voters);
    Process format(kafka_java("kafka.tools.StorageTool",
                              {"format", "--cluster-id", "pbxbridge-test-00000-Q", "--config", properties_file(node)}));
    if (format.wait(cluster_start_time) != 0) throw std::runtime_error("Kafka's storage:\n" + format.transcript());
  }
  for (std::size_t node = 0; node < nodes; ++node) launch(node);
  for (std::size_t node = 0; node < nodes; ++node) wait_until_it_answers(node);
}

std::string KafkaCluster::addresses() const {
  std::string all;
  for (const auto& client : clients_) all += (all.empty() ? "" : ",") + client;
  return all;
}

void KafkaCluster::kill(std::size_t node) {
  processes_[node]->send_signal(SIGKILL);
  (void)processes_[node]->wait();
}

void KafkaCluster::start(std::size_t node) {
  launch(node);
  wait_until_it_answers(node);
}

std::string KafkaCluster::properties_file(std::size_t node) const {
  return directory_ / ("server-" + id(node) + ".properties");
}

void KafkaCluster::write_properties(std::size_t node, const std::string& voters) const {
  const std::string client = "PLAIN://" + clients_[node];
  const std::pair<std::string, std::string> properties[] = {
      {"process.roles", "broker,controller"},
      {"node.id", id(node)},
      {"controller.quorum.voters", voters},
      {"listeners", client + ",CONTROLLER://" + controllers_[node]},
      {"advertised.listeners", client},
      {"controller.listener.names", "CONTROLLER"},
      {"inter.broker.listener.name", "PLAIN"},
      {"listener.security.protocol.map", "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT"},
      {"log.dirs", directory_ / ("data-" + id(node))},
      {"default.replication.factor", std::to_string(nodes)},
      {"min.insync.replicas", "2"},
      // A dead node is found out soon, so that a test need not wait for it.
      {"broker.session.timeout.ms", "3000"},
      {"broker.heartbeat.interval.ms", "500"},
      {"controller.quorum.election.timeout.ms", "500"},
      {"controller.quorum.fetch.timeout.ms", "1000"},
      {"group.initial.rebalance.delay.ms", "0"},
  };
  std::ofstream out(properties_file(node));
  for (const auto& [name, value] : properties) out << name << '=' << value << '\n';
}

void KafkaCluster::launch(std::size_t node) {
  processes_[node] = std::make_unique<Process>(kafka_java("kafka.Kafka", {properties_file(node)}));
}

void KafkaCluster::wait_until_it_answers(std::size_t node) {
  const auto deadline = std::chrono::steady_clock::now() + cluster_start_time;
  while (!kafka_answers(clients_[node], 1s))
    if (!processes_[node]->running() || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("Kafka's node " + id(node) + " did not come up:\n" + processes_[node]->transcript());
}

}  // namespace pbxbridge::test
