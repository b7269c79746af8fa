#include "kafka_java.hpp"

#include <cstdlib>
#include <filesystem>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::test {

FreePort::FreePort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket_, any_address, size) != 0 || getsockname(socket_, any_address, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "bind to a free port");
  port_ = ntohs(address.sin_port);
}

FreePort::~FreePort() { ::close(socket_); }

namespace {

std::filesystem::path jars() {
  const char* configured = std::getenv("PBXBRIDGE_KAFKA_JARS");
  const std::filesystem::path directory = configured ? configured : PBXBRIDGE_SOURCE_DIRECTORY "/.cache/kafka";
  if (!std::filesystem::exists(directory))
    throw std::runtime_error("Kafka's jars are not in " + directory.string() +
                             ": fetch them as tests/support/kafka/pom.xml says, or name their place in "
                             "PBXBRIDGE_KAFKA_JARS");
  return directory;
}

}  // namespace

std::vector<std::string> kafka_java(const std::string& main_class, const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& java_options) {
  // Tests need a quick start and little memory; not the throughput of long runs.
  std::vector<std::string> command = {"java"};
  command.insert(command.end(), java_options.begin(), java_options.end());
  const std::vector<std::string> usual = {"-Xms64m",
                                          "-Xmx256m",
                                          "-XX:+UseSerialGC",
                                          "-XX:TieredStopAtLevel=1",
                                          "-Djava.net.preferIPv4Stack=true",
                                          "-cp",
                                          (jars() / "*").string(),
                                          main_class};
  command.insert(command.end(), usual.begin(), usual.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace pbxbridge::test
