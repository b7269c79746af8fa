#include "kafka_broker.hpp"

#include "kafka_admin.hpp"
#include "kafka_java.hpp"

#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <vector>

namespace pbxbridge::test {

namespace {

using namespace std::chrono_literals;

constexpr auto start_time = 60s;

struct Addresses {
  std::string plain, account, tls, token, controller;
  std::vector<std::string> misleading;
};

/// https://kafka.apache.org/41/security/authentication-using-sasl/#authentication-using-sasloauthbearer
std::vector<std::pair<std::string, std::string>> token_properties(const std::string& keys) {
  if (keys.empty()) return {};
  return {
      {"listener.name.token.sasl.enabled.mechanisms", "OAUTHBEARER"},
      {"listener.name.token.oauthbearer.sasl.jaas.config",
       "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"},
      {"listener.name.token.oauthbearer.sasl.server.callback.handler.class",
       "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"},
      // Without it signatures are not looked at.
      {"sasl.oauthbearer.jwt.validator.class", "org.apache.kafka.common.security.oauthbearer.BrokerJwtValidator"},
      {"sasl.oauthbearer.jwks.endpoint.url", keys},
      {"sasl.oauthbearer.expected.audience", "kafka"},
  };
}

void write_properties(const std::filesystem::path& directory, const Addresses& addresses,
                      const KafkaBroker::Options& options) {
  const std::string clients = "PLAIN://" + addresses.plain + ",ACCOUNT://" + addresses.account + ",TLS://" +
                              addresses.tls + (options.token_keys.empty() ? "" : ",TOKEN://" + addresses.token);
  std::string misleading, advertised, protocols;
  for (std::size_t i = 0; i < addresses.misleading.size(); ++i) {
    const std::string name = "MISLEADING" + std::to_string(i);
    misleading += "," + name + "://" + addresses.misleading[i];
    advertised += "," + name + "://" + options.advertised[i];
    protocols += "," + name + ":PLAINTEXT";
  }
  const std::pair<std::string, std::string> properties[] = {
      {"process.roles", "broker,controller"},
      {"node.id", "1"},
      {"controller.quorum.voters", "1@" + addresses.controller},
      {"listeners", clients + misleading + ",CONTROLLER://" + addresses.controller},
      {"advertised.listeners", clients + advertised},
      {"controller.listener.names", "CONTROLLER"},
      {"inter.broker.listener.name", "PLAIN"},
      {"listener.security.protocol.map",
       "PLAIN:PLAINTEXT,ACCOUNT:SASL_PLAINTEXT,TLS:SSL,TOKEN:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT" + protocols},
      {"listener.name.account.sasl.enabled.mechanisms", "PLAIN"},
      {"listener.name.account.plain.sasl.jaas.config",
       "org.apache.kafka.common.security.plain.PlainLoginModule required user_bridge=\"sesame\";"},
      {"listener.name.tls.ssl.keystore.type", "PEM"},
      {"listener.name.tls.ssl.keystore.location", directory / "keystore.pem"},
      {"log.dirs", directory / "data"},
      {"offsets.topic.replication.factor", "1"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"auto.create.topics.enable", "true"},  // so that a producer which asks for it is found out
  };
  std::ofstream out(directory / "server.properties");
  for (const auto& [name, value] : properties) out << name << '=' << value << '\n';
  for (const auto& [name, value] : token_properties(options.token_keys)) out << name << '=' << value << '\n';
  for (const auto& [name, value] : options.properties) out << name << '=' << value << '\n';
}

void run(std::vector<std::string> command) {
  const std::string name = command.front();
  Process process(std::move(command));
  if (process.wait(start_time) != 0) throw std::runtime_error(name + " failed:\n" + process.transcript());
}

void make_certificate(const std::filesystem::path& directory, const std::string& subject_alt_name) {
  const auto key = directory / "key.pem";
  const auto certificate = directory / "certificate.pem";
  std::vector<std::string> command = {"openssl",
                                      "req",
                                      "-x509",
                                      "-newkey",
                                      "ec",
                                      "-pkeyopt",
                                      "ec_paramgen_curve:prime256v1",
                                      "-nodes",
                                      "-days",
                                      "2",
                                      "-subj",
                                      "/CN=localhost",
                                      "-keyout",
                                      key,
                                      "-out",
                                      certificate};
  if (!subject_alt_name.empty()) command.insert(command.end(), {"-addext", "subjectAltName=" + subject_alt_name});
  run(std::move(command));
  std::ofstream keystore(directory / "keystore.pem");
  keystore << std::ifstream(key).rdbuf() << std::ifstream(certificate).rdbuf();
}

}  // namespace

KafkaBroker::KafkaBroker(const Options& options) : options_(options) {
  {
    const FreePort plain, account, tls, token, controller;
    const std::vector<FreePort> misleading(options.advertised.size());
    for (const FreePort& port : misleading) misleading_addresses_.push_back(port.address());
    address_ = plain.address();
    account_address_ = account.address();
    tls_address_ = tls.address();
    token_address_ = token.address();
    write_properties(
        directory_.path(),
        {address_, account_address_, tls_address_, token_address_, controller.address(), misleading_addresses_},
        options_);
  }
  make_certificate(directory_.path(), options_.subject_alt_name);
  run(kafka_java("kafka.tools.StorageTool",
                 {"format", "--cluster-id", "pbxbridge-test-00000-Q", "--config", directory_ / "server.properties"}));
  start();
}

KafkaBroker::~KafkaBroker() = default;

void KafkaBroker::start() {
  std::vector<std::string> java_options;
  if (!options_.token_keys.empty())
    java_options.push_back("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + options_.token_keys);
  process_.emplace(kafka_java("kafka.Kafka", {(directory_ / "server.properties").string()}, java_options));
  const auto deadline = std::chrono::steady_clock::now() + start_time;
  while (!kafka_answers(address_, 1s)) {
    if (process_->running() && std::chrono::steady_clock::now() < deadline) continue;
    throw std::runtime_error("Kafka did not come up on " + address_ + ":\n" + transcript());
  }
}

void KafkaBroker::stop() {
  process_->send_signal(SIGTERM);
  if (!process_->wait(30s)) throw std::runtime_error("Kafka does not end:\n" + transcript());
}

void KafkaBroker::kill() {
  process_->send_signal(SIGKILL);
  (void)process_->wait();
}

void KafkaBroker::freeze() { process_->freeze(); }

void KafkaBroker::thaw() { process_->thaw(); }

bool kafka_answers(const std::string& address, std::chrono::milliseconds deadline) {
  return KafkaAdmin(address).answers(deadline);
}

std::filesystem::path shared_kafka_file() { return PBXBRIDGE_BINARY_DIRECTORY "/kafka_test_broker.running"; }

std::string shared_kafka() {
  if (const char* running = std::getenv("PBXBRIDGE_TEST_KAFKA"); running && *running) return running;
  std::ifstream file(shared_kafka_file());
  std::string address;
  if (file >> address) return address;
  throw std::runtime_error("no Kafka is running for the tests: run them with ctest, or start one with " +
                           std::string(PBXBRIDGE_BINARY_DIRECTORY) + "/kafka_test_broker start");
}

}  // namespace pbxbridge::test
