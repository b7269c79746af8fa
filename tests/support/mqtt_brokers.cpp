#include "mqtt_brokers.hpp"

#include "free_port.hpp"

#include <fstream>

namespace pbxbridge::test {
namespace {

using std::filesystem::path;
using Command = std::vector<std::string>;

path installed(const std::string& name) { return path(PBXBRIDGE_SOURCE_DIRECTORY) / ".cache/brokers" / name; }
path source(const std::string& name) { return path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/support/brokers" / name; }

void write_file(const path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

MqttBrokerKind nats_at(std::string program, std::string version) {
  return {.name = "NATS " + version,
          .version = "3.1.1",
          .prepare = [program = std::move(program)](const path& directory, std::uint16_t port) {
            write_file(directory / "nats.conf",
                       "listen: \"127.0.0.1:-1\"\nserver_name: test\njetstream { store_dir: \"" + directory.string() +
                           "\" }\nmqtt { listen: \"" + address(port) +
                           "\" }\nauthorization { users: [{ user: all, password: any, permissions: { publish: { deny: "
                           "\"forbidden.>\" } } }] }\nno_auth_user: all\n");
            return Command{program, "-c", (directory / "nats.conf").string()};
          }};
}

/// Jars in one folder, with a small heap and a quick start.
Command java(const std::string& jars, Command arguments) {
  Command command = {
      "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", installed(jars).string() + "/*"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

MqttBrokerKind nats() { return nats_at("nats-server", "2.9"); }
MqttBrokerKind newer_nats() { return nats_at(installed("go/nats-server").string(), "2.14"); }

MqttBrokerKind artemis() {
  return {.name = "Artemis", .keeps_order = false, .prepare = [](const path& directory, std::uint16_t port) {
            std::filesystem::copy(
                source("artemis/etc"), directory / "etc",
                std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
            return java("artemis", {"-Dartemis.home=" + directory.string(), "-Dartemis.instance=" + directory.string(),
                                    "-Dmqtt.port=" + std::to_string(port),
                                    "-Djava.security.auth.login.config=" + (directory / "etc/login.config").string(),
                                    "org.apache.activemq.artemis.cli.Artemis", "run",
                                    "xml:" + (directory / "etc/bootstrap.xml").string()});
          }};
}

MqttBrokerKind aedes() {
  return {.name = "aedes", .version = "3.1.1", .prepare = [](const path&, std::uint16_t port) {
            return Command{"node", source("aedes/broker.js"), installed("aedes/node_modules/aedes").string(),
                           std::to_string(port)};
          }};
}

MqttBrokerKind mochi() {
  return {.name = "mochi", .version = "3.1.1", .prepare = [](const path&, std::uint16_t port) {
            return Command{installed("go/mochi").string(), address(port)};
          }};
}

MqttBrokerKind moquette() {
  return {.name = "Moquette", .version = "3.1.1", .prepare = [](const path& directory, std::uint16_t port) {
            write_file(directory / "config/moquette.conf",
                       "host 127.0.0.1\nport " + std::to_string(port) +
                           "\nwebsocket_port disabled\nallow_anonymous true\npersistence_enabled false\n"
                           "telemetry_enabled false\nnetty.mqtt.message_size 1048576\n");
            return java("moquette", {"-Dmoquette.path=" + directory.string(), "io.moquette.broker.Server"});
          }};
}

MqttBrokerKind rabbitmq() {
  return {.name = "RabbitMQ", .version = "3.1.1", .prepare = [](const path& directory, std::uint16_t port) {
            return rabbitmq_command(
                directory, "rabbitmq_mqtt",
                "listeners.tcp = none\nmqtt.listeners.tcp.1 = " + address(port) + "\nmqtt.allow_anonymous = true\n");
          }};
}

std::vector<std::string> rabbitmq_command(const path& directory, const std::string& plugins,
                                          const std::string& configuration) {
  write_file(directory / "rabbitmq.conf", configuration + "log.console = true\nlog.file = false\n");
  write_file(directory / "enabled_plugins", "[" + plugins + "].\n");
  return {source("rabbitmq/run.sh"), directory.string(), std::to_string(free_port()), std::to_string(free_port())};
}

MqttBrokerKind ejabberd() {
  return {.name = "ejabberd",
          .user = "bridge@localhost",
          .password = "any",
          .prepare = [](const path& directory, std::uint16_t port) {
            return Command{source("ejabberd/run.sh"), directory.string(), std::to_string(port)};
          }};
}

MqttBrokerKind hivemq() {
  return {.name = "HiveMQ", .prepare = [](const path& directory, std::uint16_t port) {
            write_file(
                directory / "conf/config.xml",
                "<hivemq><listeners><tcp-listener><port>" + std::to_string(port) +
                    "</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>"
                    "<persistence><mode>in-memory</mode></persistence>"
                    "<mqtt><queued-messages><max-queue-size>100000</max-queue-size></queued-messages></mqtt>"
                    "<anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics></hivemq>");
            return java("hivemq",
                        {source("hivemq/Broker.java"), (directory / "conf").string(), (directory / "data").string()});
          }};
}

}  // namespace pbxbridge::test
