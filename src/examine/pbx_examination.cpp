#include "examine/pbx_examination.hpp"

#include "async/run_until.hpp"
#include "config/subscribe_topics.hpp"
#include "net/peer_examination.hpp"
#include "observe/log.hpp"
#include "pbx/rest_client.hpp"
#include "pbx/session.hpp"
#include "pbx/stream_settings.hpp"
#include "pbxbridge/enum_names.hpp"
#include "url/endpoint.hpp"
#include "websocket/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace pbxbridge::examine {

namespace {

using Clock = std::chrono::steady_clock;
using pbx::SessionState;
using pbx::SubscriptionState;

constexpr std::chrono::seconds for_good_measure{2};
/// Longer than a session needs to leave in good order.
constexpr std::chrono::seconds farewell_limit{4};

class NoReceiver final : public pbx::EventReceiver {
 public:
  bool receive(std::string_view, std::string_view, const pbx::Reception&) override { return true; }
  void message_dropped(std::string_view) override {}
  void subscribed(std::string_view, bool, SystemTime) override {}
  void snapshots_asked(std::string_view, bool) override {}
  void status_changed(std::string_view, const pbx::SessionStatus&) override {}
};

/// Makes the WebSocket handshake and nothing more.
class Handshake final : websocket::StreamListener {
 public:
  /// Returns nothing where it is accepted.
  std::optional<Error> make(const config::PbxConfig& pbx, const url::Endpoint& endpoint) {
    boost::asio::io_context io;
    const auto stream = websocket::Stream::open(io.get_executor(), pbx::stream_settings(pbx, endpoint), *this);
    const bool done =
        async::run_until(io, Clock::now() + pbx.connect_timeout, [this] { return opened_ || failure_.has_value(); });
    stream->abort();
    if (opened_) return std::nullopt;
    if (done) return failure_;
    return Error{ErrorCategory::network, "the attempt took too long, it ended while " + phase_};
  }

 private:
  void on_progress(std::string phase) override { phase_ = std::move(phase); }
  void on_open() override { opened_ = true; }
  void on_text(std::string_view, SystemTime) override {}
  void on_binary(std::string_view, SystemTime) override {}
  void on_too_large(std::uint64_t) override {}
  void on_written() override {}
  void on_closed(const Error& error) override { failure_ = error; }

  bool opened_ = false;
  std::optional<Error> failure_;
  std::string phase_ = "connecting";
};

std::string account_kind(const config::AuthConfig& auth) {
  if (!auth.extension_number.empty()) return "an extension";
  return auth.domain.empty() ? "a system administrator" : "a tenant's user";
}

std::string subject_of(const pbx::SubscriptionStatus& subscription) {
  return "topic " + subscription.topic + (subscription.selector.empty() ? "" : " (" + subscription.selector + ")");
}

const config::SubscribeTopic* known_topic(const config::PbxConfig& pbx, std::string_view name) {
  return pbx.dialect == config::Dialect::v22 ? config::find_subscribe_topic(name) : nullptr;
}

/// Says where permissions are set: PortSIP PBX Administration Guide, "17 Roles and Permissions", "Administrator
/// Management".
std::string permission_remedy(const config::PbxConfig& pbx, std::string_view topic_name) {
  const auto* const topic = known_topic(pbx, topic_name);
  if (topic == nullptr) return "look in the PBX whether it has that topic, and whether the account may see it";
  return fmt::format(
      "the account must be {}, with a role that has the permission \"{}\" (in the PBX's web portal: the role of {})",
      topic->account, topic->permission,
      topic->selector == "tenants" ? "the administrator, under Administrators"
                                   : "the user, under Roles and Permissions");
}

class PbxExamination {
 public:
  PbxExamination(const config::PbxConfig& pbx, Findings& findings) : pbx_(pbx), findings_(findings) {}

  void run() {
    const auto endpoint = url::parse_endpoint(pbx_.url.value);
    if (!endpoint) return findings_.error("url", "the URL " + endpoint.error().text, "correct url");
    if (!net::examine_peer(pbx::stream_settings(pbx_, *endpoint).connection, findings_)) return;
    pbx::Session session(io_, pbx_, receiver_, log_, metrics_);
    session.start();
    const auto limit = Clock::now() + pbx_.connect_timeout + pbx_.subscribe_timeout + for_good_measure;
    const auto& status = session.status();
    const auto signed_in = [&] { return status.state != SessionState::disconnected || status.last_failure; };
    async::run_until(io_, limit, signed_in);
    if (status.state == SessionState::disconnected) return tell_failure(*endpoint, status);
    findings_.ok("handshake", "the PBX speaks WebSocket at " + endpoint->target);
    findings_.ok("account", "accepted, as " + account_kind(pbx_.auth));
    async::run_until(io_, limit, [&] { return status.state == SessionState::subscribed || status.last_failure; });
    if (status.last_failure)
      findings_.error("session", status.last_failure->text, "look at the log of the PBX, and at what is on the way");
    else
      for (const auto& subscription : status.subscriptions) tell(subscription);
    if (pbx_.rest) tell_lists();
    leave(session);
  }

 private:
  /// The session tells why there is none, and a second handshake which side of it the reason is on.
  void tell_failure(const url::Endpoint& endpoint, const pbx::SessionStatus& status) {
    if (const auto failure = Handshake().make(pbx_, endpoint))
      return findings_.error("handshake", failure->text,
                             "correct port and path of url (/wsi with version 22, none with 16), or let what is on the "
                             "way pass WebSocket");
    findings_.ok("handshake", "the PBX speaks WebSocket at " + endpoint.target);
    const config::Secret& secret = pbx_.auth.access_token.is_set() ? pbx_.auth.access_token : pbx_.auth.password;
    if (const auto read = secret.read(); !read)
      return findings_.error("account", read.error().text,
                             "correct the path of the file, or let the user that pbxbridge runs as read it");
    findings_.error("account", status.last_failure ? status.last_failure->text : "the PBX has not answered `auth`",
                    "check user or extension, domain and password in the PBX, and whether `dialect` is its version");
  }

  void tell(const pbx::SubscriptionStatus& subscription) {
    const std::string step = subject_of(subscription);
    const auto* const topic = known_topic(pbx_, subscription.topic);
    switch (subscription.state) {
      case SubscriptionState::granted:
        return findings_.ok(
            step, topic == nullptr ? "granted" : fmt::format("granted (permission \"{}\")", topic->permission));
      case SubscriptionState::rejected:
        return findings_.error(step, fmt::format("rejected ({}): no event of it will come", subscription.words),
                               permission_remedy(pbx_, subscription.topic));
      case SubscriptionState::silent:
      case SubscriptionState::pending:
        return findings_.warning(
            step,
            fmt::format("no answer within {:.3g} s; some versions give none, and events may come all the same",
                        static_cast<double>(pbx_.subscribe_timeout.count()) / 1000),
            "if no event of it comes: " + permission_remedy(pbx_, subscription.topic));
    }
  }

  /// Asks for each list that a session asks for after a gap.
  void tell_lists() {
    pbx::RestClient rest(io_, pbx_);
    for (const auto& [list, name] : enum_names<pbx::RestList>) {
      std::optional<Result<pbx::ListedNames>> answer;
      rest.ask(list, [&answer](Result<pbx::ListedNames> names) { answer = std::move(names); });
      async::run_until(io_, Clock::now() + pbx::RestClient::attempt_time, [&answer] { return answer.has_value(); });
      const std::string step = fmt::format("rest /{}", name);
      if (!answer)  // the next list would wait for this one
        return findings_.warning(step, "no list yet; further ones are not examined",
                                 "see whether the PBX answers slowly at rest.url");
      if (*answer)
        findings_.ok(step, fmt::format("lists the {}", pbx::what_it_lists(list)));
      else
        findings_.error(step, answer->error().text,
                        "correct rest.url, or the account: it must be a user of the tenant with the role Admin or "
                        "QueueManager");
    }
  }

  void leave(pbx::Session& session) {
    bool stopped = false;
    session.stop([&stopped] { stopped = true; });
    async::run_until(io_, Clock::now() + farewell_limit, [&stopped] { return stopped; });
  }

  const config::PbxConfig& pbx_;
  Findings& findings_;
  boost::asio::io_context io_;
  NoReceiver receiver_;
  observe::Log log_{observe::LogFormat::json, [](const std::string&) {}};  // all it would say is a finding
  pbx::SessionMetrics metrics_;
};

}  // namespace

void examine_pbx(const config::PbxConfig& pbx, Findings& findings) { PbxExamination(pbx, findings).run(); }

}  // namespace pbxbridge::examine
