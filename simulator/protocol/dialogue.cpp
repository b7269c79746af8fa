#include "simulator/protocol/dialogue.hpp"

#include "simulator/protocol/snapshot.hpp"
#include "simulator/protocol/subscribe_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

/// The vendor's words for every reason to reject an auth.
constexpr std::string_view auth_error = "access_token , username , domain or password error";

std::string text_of(const json& message, const char* key) {
  const auto found = message.find(key);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Credentials credentials_of(const json& message, Dialect dialect) {
  Credentials credentials;
  credentials.domain = text_of(message, "domain");
  credentials.password = text_of(message, "password");
  if (dialect == Dialect::v16) {
    credentials.extension_number = text_of(message, "extension");
    credentials.tenant_name = text_of(message, "name");
    return credentials;
  }
  credentials.username = text_of(message, "username");
  credentials.extension_number = text_of(message, "extension_number");
  credentials.access_token = text_of(message, "access_token");
  return credentials;
}

/// `bridge@example.test`, `101@example.test`, `admin`: who wants in, for the report.
std::string name_of(const Credentials& credentials) {
  std::string name = credentials.username + credentials.tenant_name;
  if (name.empty()) name = credentials.extension_number;
  return credentials.domain.empty() ? name : name + "@" + credentials.domain;
}

std::string described(const SubscriptionRequest& request) {
  std::string result(request.topic->name);
  const char* separator = " ";
  for (const auto& element : request.selected) {
    result += separator + element;
    separator = ",";
  }
  return result;
}

/// No command nests deeper. The rest is discarded, for nlohmann copies and writes what is nested by calling itself.
bool is_near_the_top(int depth, json::parse_event_t, const json&) { return depth < 16; }

}  // namespace

Dialogue::Dialogue(const Installation& installation, const World& world, const Behaviour& behaviour)
    : installation_(installation), world_(world), behaviour_(behaviour) {}

Dialogue::Reaction Dialogue::receive(std::string_view frame, Time now) {
  Reaction reaction;
  const auto message = json::parse(frame, is_near_the_top, false);
  const auto command = message.is_object() ? text_of(message, "command") : std::string();
  if (command == "auth") {
    authenticate(message, reaction);
  } else if (command != "subscribe" && command != "unsubscribe") {
    reaction.report.push_back("sent what is not a command");
    reaction.answers.push_back(answer(command, message.is_object() ? "unknown command" : "not a JSON object"));
  } else if (account_ == nullptr) {
    reaction.report.push_back(command + " rejected: not authenticated");
    reaction.answers.push_back(answer(command, "not authenticated"));
  } else if (command == "subscribe") {
    subscribe(message, now, reaction);
  } else {
    unsubscribe(message, reaction);
  }
  return reaction;
}

void Dialogue::authenticate(const json& message, Reaction& reaction) {
  const auto credentials = credentials_of(message, behaviour_.dialect);
  const auto* account = behaviour_.reject_auth ? nullptr : account_of(credentials);
  if (account == nullptr) {
    reaction.report.push_back("auth rejected " + name_of(credentials));
    reaction.answers.push_back(answer("auth", auth_error));
    return;
  }
  account_ = account;
  subscriptions_ = {};  // another account may be of another tenant
  const auto* tenant = world_.tenant_of_domain(account->domain);
  tenant_id_ = tenant == nullptr ? "" : tenant->id;
  reaction.report.push_back("auth ok " + name_of(credentials));
  reaction.answers.push_back(answer("auth", ""));
  if (behaviour_.subscribe_at_sign_in && account_->role == Role::system_administrator) subscribe_to_all(reaction);
}

/// The vendor gives no example of an access token. Names may be left out; those that are given must be of its account.
const Account* Dialogue::account_of(const Credentials& credentials) const {
  if (const auto* account = sim::authenticate(installation_, credentials)) return account;
  if (credentials.access_token.empty() || !behaviour_.account_of_token) return nullptr;
  const auto* account = behaviour_.account_of_token(credentials.access_token);
  return account != nullptr && is_of(*account, credentials) ? account : nullptr;
}

void Dialogue::subscribe_to_all(Reaction& reaction) {
  for (const auto& topic : topics) {
    if (!topic.global) continue;
    subscriptions_.add({&topic, {}, {}});
    reaction.report.push_back(fmt::format("subscribed {} unasked", topic.name));
  }
}

void Dialogue::subscribe(const json& message, Time now, Reaction& reaction) {
  const auto parsed = parse_subscribe(message, behaviour_.dialect);
  auto error = parsed.error;
  for (const auto& request : parsed.requests) {
    if (!error.empty()) break;
    error = rejection_of(request);
    if (!error.empty()) reaction.report.push_back(fmt::format("subscribe rejected {}: {}", request.topic->name, error));
  }
  if (!parsed.error.empty()) reaction.report.push_back("subscribe rejected: " + parsed.error);
  if (behaviour_.answer_subscribes) reaction.answers.push_back(answer("subscribe", error));
  if (!error.empty()) return;
  for (const auto& request : parsed.requests) {
    subscriptions_.add(request);
    reaction.report.push_back("subscribed " + described(request));
    // No page of the vendor mentions snapshots in 16.x.
    if (!behaviour_.snapshots || behaviour_.dialect == Dialect::v16) continue;
    for (auto& event : snapshot(world_, request, tenant_id_, now))
      reaction.snapshots.push_back({request.topic, std::move(event)});
  }
}

void Dialogue::unsubscribe(const json& message, Reaction& reaction) {
  const auto parsed = parse_subscribe(message, behaviour_.dialect);
  auto error = parsed.error;
  for (const auto& request : parsed.requests) {
    if (subscriptions_.remove(request)) {
      reaction.report.push_back("unsubscribed " + described(request));
    } else {
      error = fmt::format("not subscribed to {}", request.topic->name);
      reaction.report.push_back(fmt::format("unsubscribe rejected {}: {}", request.topic->name, error));
    }
  }
  if (!parsed.error.empty()) reaction.report.push_back("unsubscribe rejected: " + parsed.error);
  if (behaviour_.answer_subscribes) reaction.answers.push_back(answer("unsubscribe", error));
}

std::string Dialogue::rejection_of(const SubscriptionRequest& request) const {
  const auto forced = behaviour_.rejected_topics.find(request.topic->name);
  if (forced != behaviour_.rejected_topics.end()) return forced->second;
  return rejection(*account_, *request.topic, request.selected, world_, behaviour_.dialect);
}

std::string Dialogue::answer(std::string_view command, std::string_view error) {
  json object;
  object["status"] = error.empty() ? 0 : -1;
  if (!error.empty()) object["error"] = error;
  if (behaviour_.dialect == Dialect::v22) {
    object["command"] = command;
    object["id"] = std::to_string(++last_answer_id_);
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace pbxbridge::sim
