#include "pbx/answer_fields.hpp"
#include "pbx/dialect.hpp"
#include "pbx/dialect_json.hpp"
#include "pbx/frame_search.hpp"

namespace pbxbridge::pbx {
namespace {

/// PortSIP PBX 22.x.
class Dialect22 final : public Dialect {
 public:
  std::string auth(const config::AuthConfig& account, const Secrets& secrets) const override {
    OrderedJson message{{"command", "auth"}};
    if (!account.extension_number.empty())
      message["extension_number"] = account.extension_number;
    else
      message["username"] = account.username;
    add_secret(message, secrets);
    if (!account.domain.empty()) message["domain"] = account.domain;
    return to_text(message);
  }

  std::string subscribe(const SubscriptionRequest& request) const override { return message_of("subscribe", request); }
  std::string unsubscribe(const SubscriptionRequest& request) const override {
    return message_of("unsubscribe", request);
  }

  /// An answer names the command it answers. An event with a field of that name is still an event, and so is an object
  /// whose command pbxbridge does not know: nothing that might be an event is swallowed.
  std::optional<Answer> answer(std::string_view frame) const override {
    // Most frames say at once that they are events, and need no search.
    if (frame.starts_with(R"({"event_type":)") || find_in_frame(frame, R"("command")") == std::string_view::npos)
      return {};
    auto fields = read_answer_fields(frame);
    if (!fields || !fields->command || fields->has_event_type) return {};
    return Answer{fields->command, fields->status, std::move(fields->error)};
  }

 private:
  static std::string message_of(const char* command, const SubscriptionRequest& request) {
    OrderedJson message{{"command", command}, {"topics", OrderedJson::array({request.topic})}};
    if (!request.selector.empty()) message[request.selector] = request.elements;
    return to_text(message);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_dialect_22() { return std::make_unique<Dialect22>(); }

}  // namespace pbxbridge::pbx
