#pragma once

#include "simulator/faults/standing_faults.hpp"
#include "simulator/protocol/dialogue.hpp"
#include "simulator/server/connection.hpp"
#include "simulator/server/ledger.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// One client: its connection and the PBX's side of the dialogue on it. Io thread only.
class Client final : public ConnectionListener {
 public:
  struct Hooks {
    std::function<void(const std::string& line)> report;
    /// Pushes what has happened before the message that came, and says what time it is in the model.
    std::function<Time()> settle;
    std::function<void()> subscriptions_changed;
    std::function<std::optional<HttpAnswer>(const HttpRequest&)> http;
    std::function<void()> gone;  ///< may destroy the client
  };

  /// `faults`, `ledger` (null: none) and what `dialogue` refers to must outlive the io_context's run. A client that
  /// comes while all is silent waits for its handshake until that ends.
  Client(std::uint64_t id, std::shared_ptr<Connection> connection, Dialogue dialogue, const StandingFaults& faults,
         Ledger* ledger, Hooks hooks);

  /// These very bytes; `topic` is the one that entitles the client, null: none does.
  void push(std::string_view frame, bool binary, const Topic* topic);
  /// A payload that goes out in the frames that are passed with it.
  void push_in_frames(std::string_view payload, std::string_view frames);
  /// The same as `push`, but numbered where a ledger is kept.
  void push_made_up(std::string_view event, const Topic* topic);
  const Topic* entitle(const EventFacts& event) const { return is_told() ? dialogue_.entitle(event) : nullptr; }
  /// Returns whether what is pushed goes out.
  bool is_told() const { return open() && !faults_.silent; }
  bool open() const { return connection_->is_open(); }
  std::size_t subscription_count() const { return dialogue_.subscription_count(); }
  Connection& connection() { return *connection_; }
  const Connection& connection() const { return *connection_; }

  void apply_faults();  ///< after they have changed

 private:
  void opened() override;
  void received(std::string_view frame) override;
  void pinged() override;
  std::string upgrade_answer() override { return faults_.upgrade ? http_text(*faults_.upgrade) : std::string(); }
  std::optional<HttpAnswer> answer(const HttpRequest& request) override;
  void gone(std::string_view reason) override;

  /// A frame that is heard only when the delay of answers is over.
  struct LateFrame {
    std::chrono::steady_clock::time_point due;
    std::string text;
  };

  void hear_late_frames();
  void hear(std::string_view frame);
  void report(std::string_view what);

  std::uint64_t id_;
  std::shared_ptr<Connection> connection_;
  Dialogue dialogue_;
  const StandingFaults& faults_;
  Ledger* ledger_;
  Hooks hooks_;
  bool started_ = false;
  std::deque<LateFrame> late_frames_;
  boost::asio::steady_timer late_frame_is_due_;
  std::shared_ptr<Client*> self_ = std::make_shared<Client*>(this);  ///< for what may come when this object is gone
};

}  // namespace pbxbridge::sim
