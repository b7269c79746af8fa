#pragma once

#include "config/pbx_config.hpp"
#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx {

/// Secrets as read for one attempt; kept no longer than until the PBX has answered.
struct Secrets {
  std::string password;
  std::string access_token;
};

/// Content of one subscribe or unsubscribe: a topic and at most one selector list.
struct SubscriptionRequest {
  std::string topic;
  std::vector<std::string> keys;  ///< 16.x only: which events of the topic; empty: not said
  std::string selector;           ///< extensions, queues or tenants; empty: none
  std::vector<std::string> elements;
  bool operator==(const SubscriptionRequest&) const = default;
};

enum class Command : std::uint8_t { auth, subscribe, unsubscribe };

/// Answer of the PBX to a command.
struct Answer {
  std::optional<Command> to;           ///< nothing where the dialect does not say which
  std::optional<std::int64_t> status;  ///< nothing where there is none, or none that is a whole number
  std::string error;                   ///< the words of the PBX, as `text::peer_log_text` leaves them

  /// Success is status 0 and nothing else.
  bool accepted() const { return status == 0; }
  /// Status and error for a log line: `status -1: no permission`.
  std::string words() const;
};

/// The messages of one dialect of PortSIP's WSI. Source: PortSIP PBX 22.3 and 16.x documentation, "WSI: Pub/Sub".
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string auth(const config::AuthConfig& account, const Secrets& secrets) const = 0;
  virtual std::string subscribe(const SubscriptionRequest& request) const = 0;
  virtual std::string unsubscribe(const SubscriptionRequest& request) const = 0;

  /// The answer that a text frame is, or nothing: then it is an event. Every frame passes here, so an event costs one
  /// search through its bytes and is not parsed.
  virtual std::optional<Answer> answer(std::string_view frame) const = 0;
};

std::unique_ptr<Dialect> make_dialect_22();
std::unique_ptr<Dialect> make_dialect_16();
std::unique_ptr<Dialect> make_dialect(config::Dialect dialect);

/// The value of `event_type`, found by a search rather than by parsing; empty where there is none. Good enough to see
/// by which subscription an event came, not to classify it.
std::string_view glance_at_event_type(std::string_view frame);

}  // namespace pbxbridge::pbx

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::pbx::Command> pbxbridge::enum_names<pbxbridge::pbx::Command>[] = {
    {pbx::Command::auth, "auth"},
    {pbx::Command::subscribe, "subscribe"},
    {pbx::Command::unsubscribe, "unsubscribe"},
};
