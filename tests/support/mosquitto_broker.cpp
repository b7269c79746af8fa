#include "mosquitto_broker.hpp"

#include "certificates.hpp"
#include "free_port.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace pbxbridge::test {
namespace {

void run(std::vector<std::string> command, const std::filesystem::path& directory) {
  const std::string name = command.front();
  Process process(std::move(command), {.environment = {}, .working_directory = directory, .network_namespace = {}});
  if (process.wait() != 0) throw std::runtime_error(name + " failed:\n" + process.transcript());
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

MosquittoBroker::MosquittoBroker(MosquittoOptions options) : options_(std::move(options)) {
  if (options_.tls) ca_file_ = make_certificates(directory_.path(), options_.certificate_name);
  // Between the choice of a port and its use another process may take it.
  for (int attempt = 0; attempt < 10; ++attempt) {
    ports_ = {free_port(), free_port(), free_port(), free_port()};
    write_files();
    if (try_start()) return;
  }
  throw std::runtime_error("mosquitto does not start:\n" + process_->transcript());
}

MosquittoBroker::~MosquittoBroker() = default;

void MosquittoBroker::start() {
  if (!try_start()) throw std::runtime_error("mosquitto does not start:\n" + process_->transcript());
}

void MosquittoBroker::stop() {
  // It starts to heed the signal a moment after it has logged that it runs, and loses one that comes before.
  for (int attempt = 0; attempt < 20; ++attempt) {
    process_->send_signal(SIGTERM);
    thaw();  // a frozen one takes this signal before anything else
    if (process_->wait(std::chrono::seconds(1))) return;
  }
  throw std::runtime_error("mosquitto does not stop");
}

void MosquittoBroker::kill() {
  process_->send_signal(SIGKILL);
  (void)process_->wait();
}

void MosquittoBroker::freeze() const { process_->freeze(); }
void MosquittoBroker::thaw() const { process_->thaw(); }

bool MosquittoBroker::try_start() {
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/sbin/mosquitto", "-c", (directory_ / "mosquitto.conf").string()});
  while (process_->running())
    if (process_->wait_for_error("running", std::chrono::milliseconds(200))) return true;
  return false;
}

void MosquittoBroker::write_files() const {
  std::string config = "user " + std::string(::geteuid() == 0 ? "root" : "mosquitto") + "\n";
  const auto listener = [&](std::uint16_t port, bool websockets, bool tls) {
    config += "listener " + std::to_string(port) + " 127.0.0.1\n";
    // Without socket_domain mosquitto 2.0.11 listens for WebSockets on every address.
    if (websockets) config += "protocol websockets\nsocket_domain ipv4\n";
    if (tls)
      config +=
          "certfile " + (directory_ / "cert.pem").string() + "\nkeyfile " + (directory_ / "key.pem").string() + "\n";
  };
  listener(ports_.mqtt, false, false);
  listener(ports_.ws, true, false);
  if (options_.tls) {
    listener(ports_.mqtts, false, true);
    listener(ports_.wss, true, true);
  }
  for (const char* kind : {"error", "warning", "notice", "information"})
    config += std::string("log_type ") + kind + "\n";
  if (options_.persistence)
    config += "persistence true\nautosave_interval 0\npersistence_location " + directory_.path().string() + "/\n";
  if (options_.max_inflight_messages)
    config += "max_inflight_messages " + std::to_string(*options_.max_inflight_messages) + "\n";
  if (has_users()) {
    auto users = options_.users;
    users.emplace(observer_name, observer_name);
    std::string passwords;
    for (const auto& [name, password] : users) passwords += name + ":" + password + "\n";
    write(directory_ / "passwords", passwords);
    run({"mosquitto_passwd", "-U", (directory_ / "passwords").string()}, directory_.path());
    config += "allow_anonymous false\npassword_file " + (directory_ / "passwords").string() + "\n";
  } else {
    config += "allow_anonymous true\n";
  }
  if (!options_.acl.empty()) {
    write(directory_ / "acl", options_.acl + "\nuser " + observer_name + "\ntopic read #\n");
    config += "acl_file " + (directory_ / "acl").string() + "\n";
  }
  for (const auto& line : options_.config) config += line + "\n";
  write(directory_ / "mosquitto.conf", config);
}

}  // namespace pbxbridge::test
