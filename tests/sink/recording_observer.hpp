#pragma once

#include "pbxbridge/sink.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace pbxbridge::test {

/// Records what a sink says, and fails the test on what no sink may do: a call from another thread than the one that
/// made this object, a call after the sink's end, an outcome that nothing waits for (a second one among them), an
/// outcome from within `deliver`.
class RecordingObserver final : public SinkObserver {
 public:
  void connected(std::string detail) override;
  void connection_lost(Error error) override;
  void outcome(std::uint64_t token, Outcome outcome) override;
  void writable() override;
  void notice(std::string text, std::string peer_words) override;
  void alive() override;
  void stuck(std::string reason, std::string peer_words) override;
  void unstuck() override;

  /// Hands a delivery to the sink and returns its answer. An outcome from within the call fails the test.
  bool deliver(Sink& sink, const Delivery& delivery);
  /// The sink is destroyed or closed: nothing more may come.
  void end() { ended_ = true; }

  std::size_t count(Outcome::Kind kind) const;
  bool waits_for(std::uint64_t token) const { return waiting_.contains(token); }
  std::size_t in_flight() const { return waiting_.size(); }

  std::vector<std::string> connections;
  std::vector<Error> losses;
  std::map<std::uint64_t, Outcome> outcomes;
  std::size_t writable_calls = 0;
  std::vector<std::string> notices;
  std::size_t alive_calls = 0;
  std::vector<std::string> stuck_reasons;
  std::size_t unstuck_calls = 0;

 private:
  void check(const char* call) const;

  std::set<std::uint64_t> waiting_;
  bool ended_ = false;
  bool is_delivering_ = false;
  std::thread::id thread_ = std::this_thread::get_id();
};

}  // namespace pbxbridge::test
