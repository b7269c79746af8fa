#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

struct sockaddr;

namespace pbxbridge::sink {

/// A connection that stood, and that a broker or the network has ended.
struct EndedConnection {
  std::string broker;  ///< HOST:PORT
  std::chrono::steady_clock::time_point at;
  bool fell_silent = false;  ///< else the broker has closed or reset it
};

/// Makes and closes the connections of one client of librdkafka, which itself tells neither all of their ends nor who
/// has brought them about.
class BrokerConnections {
 public:
  // Calls of librdkafka's callbacks of these names, on its threads.
  int open(int domain, int type, int protocol);
  int connect(int socket, const sockaddr* address, int size, const char* broker);
  int close(int socket);

  /// Connections since it was asked last. Any thread.
  std::vector<EndedConnection> take_ended();

 private:
  std::mutex mutex_;
  std::map<int, std::string> brokers_;    // by socket; under mutex_
  std::vector<EndedConnection> untaken_;  // under mutex_
};

}  // namespace pbxbridge::sink
