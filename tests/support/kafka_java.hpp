#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// A port of the kernel's choice, held until this object goes.
class FreePort {
 public:
  FreePort();
  ~FreePort();
  FreePort(const FreePort&) = delete;
  FreePort& operator=(const FreePort&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// The command line of a class of Kafka's, with its jars. Throws where they are missing.
std::vector<std::string> kafka_java(const std::string& main_class, const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& java_options = {});

}  // namespace pbxbridge::test
