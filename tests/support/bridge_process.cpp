#include "bridge_process.hpp"

#include "http_exchange.hpp"
#include "wait.hpp"

#include <arpa/inet.h>
#include <fstream>
#include <netinet/in.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace pbxbridge::test {

std::string http_exchange(const std::string& port, const std::string& request) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string response;
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      send(connection, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[16384];
    for (ssize_t count; (count = recv(connection, buffer, sizeof buffer, 0)) > 0;)
      response.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(connection);
  return response;
}

std::string bridge_executable() { return std::string(PBXBRIDGE_BINARY_DIRECTORY) + "/pbxbridge"; }

BridgeProcess::BridgeProcess(const std::string& configuration, Process::Options options, std::string admin,
                             const std::vector<std::string>& arguments)
    : admin_(std::move(admin)), configuration_file_(directory_ / "pbxbridge.yaml") {
  write_configuration(configuration);
  std::vector<std::string> command = {bridge_executable(), "run", "--config", configuration_file_.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(std::move(command), std::move(options));
  const auto listening = process_->wait_for_error("admin.listening");
  if (!listening || !process_->wait_for_error("process.started"))
    throw std::runtime_error("pbxbridge did not start:\n" + process_->transcript());
  const auto begin = listening->find("127.0.0.1:") + std::string("127.0.0.1:").size();
  admin_port_ = listening->substr(begin, listening->find_first_not_of("0123456789", begin) - begin);
}

void BridgeProcess::write_configuration(const std::string& configuration) {
  std::ofstream file(configuration_file_, std::ios::trunc);
  file << configuration << "\nadmin: { listen: \"127.0.0.1:0\"" << (admin_.empty() ? "" : ", ") << admin_ << " }\n";
  if (configuration.find("spool:") == std::string::npos)
    file << "spool: { path: " << (directory_ / "spool").string() << " }\n";
}

bool BridgeProcess::reload(const std::string& configuration, std::chrono::milliseconds deadline) {
  const std::string applied = R"(pbxbridge_config_reloads_total{result="applied"})";
  const double before = metric(applied);
  write_configuration(configuration);
  process_->send_signal(SIGHUP);
  return wait_for_metric(applied, before + 1, deadline);
}

std::string BridgeProcess::get(const std::string& path) {
  const std::string response =
      http_exchange(admin_port_, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  if (!response.starts_with("HTTP/1.1 200")) return "";
  return response.substr(response.find("\r\n\r\n") + 4);
}

double BridgeProcess::metric(const std::string& series) {
  std::istringstream lines(get("/metrics"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  return -1;
}

bool BridgeProcess::wait_for_metric(const std::string& series, double value, std::chrono::milliseconds deadline) {
  return eventually([&] { return metric(series) == value; }, deadline);
}

bool BridgeProcess::wait_for_log(const std::string& part, std::chrono::milliseconds deadline) {
  return process_->wait_for_error(part, deadline).has_value();
}

int BridgeProcess::stop() {
  process_->send_signal(SIGTERM);
  return process_->wait().value_or(-1);
}

}  // namespace pbxbridge::test
