#include "mqtt_broker_program.hpp"

#include "free_port.hpp"
#include "wait.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {
namespace {

constexpr std::chrono::seconds start_limit{60};  // of a loaded machine

}  // namespace

MqttBrokerProgram::MqttBrokerProgram(MqttBrokerKind kind) : kind_(std::move(kind)) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error(kind_.name + " does not start:\n" + process_->transcript());
}

void MqttBrokerProgram::start() {
  if (!try_start()) throw std::runtime_error(kind_.name + " does not start:\n" + process_->transcript());
}

void MqttBrokerProgram::kill() {
  process_->send_signal(SIGKILL);
  (void)process_->wait();
}

void MqttBrokerProgram::freeze() const { process_->freeze(); }
void MqttBrokerProgram::thaw() const { process_->thaw(); }

bool MqttBrokerProgram::try_start() {
  process_ = std::make_unique<Process>(
      kind_.prepare(directory_.path(), port_),
      Process::Options{
          .environment = kind_.environment, .working_directory = directory_.path(), .network_namespace = {}});
  return eventually([&] { return !process_->running() || is_listening(port_); }, start_limit) && process_->running();
}

}  // namespace pbxbridge::test
