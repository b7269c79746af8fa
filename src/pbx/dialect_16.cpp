#include "pbx/answer_fields.hpp"
#include "pbx/dialect.hpp"
#include "pbx/dialect_json.hpp"
#include "pbx/frame_search.hpp"

namespace pbxbridge::pbx {
namespace {

/// PortSIP PBX 16.x: topics are objects with the keys wanted, and an answer does not name its command.
class Dialect16 final : public Dialect {
 public:
  std::string auth(const config::AuthConfig& account, const Secrets& secrets) const override {
    OrderedJson message{{"command", "auth"}};
    if (!account.extension_number.empty())
      message["extension"] = account.extension_number;
    else
      message["name"] = account.username;
    if (!account.domain.empty()) message["domain"] = account.domain;
    add_secret(message, secrets);
    return to_text(message);
  }

  std::string subscribe(const SubscriptionRequest& request) const override { return message_of("subscribe", request); }
  std::string unsubscribe(const SubscriptionRequest& request) const override {
    return message_of("unsubscribe", request);
  }

  /// An answer is an object with a status and nothing else than command, id and error. Events have fields of their own.
  std::optional<Answer> answer(std::string_view frame) const override {
    if (find_in_frame(frame, R"("event_type")") != std::string_view::npos) return {};
    if (find_in_frame(frame, R"("status")") == std::string_view::npos) return {};
    auto fields = read_answer_fields(frame);
    if (!fields || !fields->has_status || fields->has_event_type || fields->has_others) return {};
    if (fields->has_command && !fields->command) return {};
    return Answer{fields->command, fields->status, std::move(fields->error)};
  }

 private:
  static std::string message_of(const char* command, const SubscriptionRequest& request) {
    OrderedJson topic{{"topic", request.topic}};
    if (!request.keys.empty()) topic["keys"] = request.keys;
    OrderedJson message{{"command", command}, {"topics", OrderedJson::array({topic})}};
    if (!request.selector.empty()) message[request.selector] = request.elements;
    return to_text(message);
  }
};

}  // namespace

std::unique_ptr<Dialect> make_dialect_16() { return std::make_unique<Dialect16>(); }

}  // namespace pbxbridge::pbx
