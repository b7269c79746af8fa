#pragma once

#include <string>
#include <vector>

namespace pbxbridge::test {

/// A port of 127.0.0.1 that answers no attempt to connect, as behind a firewall that drops packets: its queue of
/// connections is full. Held until this object goes.
class BlackHole {
 public:
  BlackHole();
  ~BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  const std::string& address() const { return address_; }

 private:
  std::vector<int> sockets_;
  std::string address_;
};

/// A port of 127.0.0.1 that accepts connections and never says anything. Held until this object goes.
class MuteListener {
 public:
  MuteListener();
  ~MuteListener();
  MuteListener(const MuteListener&) = delete;
  MuteListener& operator=(const MuteListener&) = delete;
  const std::string& address() const { return address_; }

 private:
  const int socket_;
  std::string address_;
};

}  // namespace pbxbridge::test
