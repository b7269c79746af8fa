#include "simulator/model/orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace pbxbridge::sim {

namespace {

constexpr double highest_activity = 1000;

std::string missing(std::string_view kind, std::string_view number) { return fmt::format("no {} {}", kind, number); }

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == text.npos;
}

bool talks(const Extension& extension) {
  return extension.call != nullptr && extension.call->phase == Call::Phase::talking;
}

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream stream{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// Ids follow from the numbers of extensions and queues.
bool is_short_number(std::string_view text) { return is_number(text) && text.size() <= 6 && text.front() != '0'; }

}  // namespace

struct Orders::Verb {
  std::string_view name;
  std::size_t words;  ///< that must follow
  std::string_view expected;
  std::string (Orders::*run)(Tenant&, const Words&);
};

const std::vector<Orders::Verb>& Orders::verbs() {
  static const std::vector<Verb> table{
      {"call", 2, "FROM TO [DOMAIN]", &Orders::call},
      {"answer", 1, "EXTENSION [DOMAIN]", &Orders::answer},
      {"hold", 1, "EXTENSION [DOMAIN]", &Orders::hold},
      {"take-back", 1, "EXTENSION [DOMAIN]", &Orders::take_back},
      {"transfer", 2, "EXTENSION TO [DOMAIN]", &Orders::transfer},
      {"hang-up", 1, "EXTENSION [DOMAIN]", &Orders::hang_up},
      {"presence", 2, "EXTENSION STATE [DOMAIN]", &Orders::set_presence},
      {"extension", 2, "create|update|destroy|register|unregister NUMBER [DOMAIN]", &Orders::change_extension},
      {"queue", 2, "create|update|destroy NUMBER [DOMAIN]", &Orders::change_queue},
      {"agent", 3, "login|logout|add|remove EXTENSION QUEUE [DOMAIN]", &Orders::change_agent},
      {"trunk", 2, "connect|disconnect NAME [DOMAIN]", &Orders::change_trunk},
      {"activity", 1, "FACTOR or day", &Orders::set_activity},
  };
  return table;
}

bool Orders::is_order(std::string_view verb) { return std::ranges::find(verbs(), verb, &Verb::name) != verbs().end(); }

std::string Orders::mistake_in(std::string_view line) { return mistake_in(line, words_of(line)); }

std::string Orders::mistake_in(std::string_view line, const Words& words) {
  const auto verb = std::ranges::find(verbs(), words.empty() ? "" : words.front(), &Verb::name);
  if (verb == verbs().end()) return fmt::format("unknown order `{}`", line);
  const auto behind = words.size() - 1;
  return behind < verb->words || behind > verb->words + 1 ? fmt::format("expected {}", verb->expected) : "";
}

std::string Orders::execute(std::string_view line) {
  auto words = words_of(line);
  if (auto mistake = mistake_in(line, words); !mistake.empty()) return mistake;
  const auto verb = std::ranges::find(verbs(), words.front(), &Verb::name);
  words.erase(words.begin());
  auto& tenants = context_.world.tenants;
  auto tenant = tenants.begin();
  if (words.size() > verb->words) tenant = std::ranges::find(tenants, words.back(), &Tenant::domain);
  if (tenant == tenants.end()) return missing("tenant", words.back());
  return (this->*verb->run)(*tenant, words);
}

std::string Orders::call(Tenant& tenant, const Words& words) {
  if (auto* from = tenant.extension(words[0])) return call_from(*from, words[1]);
  return call_from_outside(tenant, words[0], words[1]);
}

std::string Orders::call_from(Extension& from, const std::string& to) {
  if (!from.is_idle()) return fmt::format("extension {} is not idle", from.number);
  auto& tenant = *from.tenant;
  if (auto* queue = tenant.queue(to)) {
    calls_.call_queue(from, *queue);
  } else if (auto* extension = tenant.extension(to)) {
    if (extension == &from) return fmt::format("extension {} cannot call itself", to);
    calls_.call_extension(from, *extension);
  } else if (!is_number(to)) {
    return missing("extension, queue or number", to);
  } else if (tenant.trunks.empty()) {
    return "the tenant has no trunk";
  } else {
    calls_.call_outside(from, tenant.trunks.front(), to);
  }
  return {};
}

std::string Orders::call_from_outside(Tenant& tenant, const std::string& from, const std::string& to) {
  if (!is_number(from)) return missing("extension or number", from);
  const auto* extension = tenant.extension(to);
  if (extension == nullptr && tenant.queue(to) == nullptr) return missing("extension or queue", to);
  for (const auto& trunk : tenant.trunks) {
    const auto dialled = std::ranges::find(trunk.plan.numbers, to, &DirectNumber::leads_to);
    if (dialled == trunk.plan.numbers.end()) continue;
    if (!trunk.connected) return fmt::format("trunk {} is not connected", trunk.plan.name);
    calls_.call_from_outside(tenant, trunk, *dialled, from);
    return {};
  }
  return fmt::format("no number of a trunk leads to {}", to);
}

std::string Orders::answer(Tenant& tenant, const Words& words) {
  const auto* extension = tenant.extension(words[0]);
  if (extension == nullptr) return missing("extension", words[0]);
  if (extension->call_status != "RINGING") return fmt::format("extension {} does not ring", words[0]);
  if (!extension->online) return fmt::format("extension {} is not registered", words[0]);
  calls_.answer(*calls_.find(extension->call->serial));
  return {};
}

std::string Orders::hold(Tenant& tenant, const Words& words) { return set_on_hold(tenant, words, true); }

std::string Orders::take_back(Tenant& tenant, const Words& words) { return set_on_hold(tenant, words, false); }

std::string Orders::set_on_hold(Tenant& tenant, const Words& words, bool on_hold) {
  const auto* extension = tenant.extension(words[0]);
  if (extension == nullptr) return missing("extension", words[0]);
  if (!talks(*extension)) return fmt::format("extension {} talks to nobody", words[0]);
  calls_.set_on_hold(*calls_.find(extension->call->serial), on_hold);
  return {};
}

std::string Orders::transfer(Tenant& tenant, const Words& words) {
  const auto* extension = tenant.extension(words[0]);
  auto* to = tenant.extension(words[1]);
  if (extension == nullptr || to == nullptr) return missing("extension", words[extension == nullptr ? 0 : 1]);
  if (!talks(*extension)) return fmt::format("extension {} talks to nobody", words[0]);
  if (!to->is_idle()) return fmt::format("extension {} is not idle", words[1]);
  auto& call = *calls_.find(extension->call->serial);
  if (call.queue != nullptr || call.callee_extension != extension)
    return fmt::format("extension {} was not called directly", words[0]);
  calls_.transfer(call, *to);
  return {};
}

std::string Orders::hang_up(Tenant& tenant, const Words& words) {
  const auto* extension = tenant.extension(words[0]);
  if (extension == nullptr) return missing("extension", words[0]);
  if (extension->call == nullptr) return fmt::format("extension {} is in no call", words[0]);
  auto& call = *calls_.find(extension->call->serial);
  calls_.end(call, call.caller_extension == extension ? "caller_disconnected" : "callee_disconnected");
  return {};
}

std::string Orders::set_presence(Tenant& tenant, const Words& words) {
  constexpr std::array<std::string_view, 5> states{"ONLINE", "LUNCH", "BUSINESS_TRIP", "DO_NOT_DISTURB", "AWAY"};
  auto* extension = tenant.extension(words[0]);
  if (extension == nullptr) return missing("extension", words[0]);
  const auto state = std::ranges::find(states, words[1]);
  if (state == states.end()) return fmt::format("expected one of {}", fmt::join(states, ", "));
  phones_.set_presence(*extension, *state, "");
  return {};
}

std::string Orders::change_extension(Tenant& tenant, const Words& words) {
  const auto& number = words[1];
  auto* extension = tenant.extension(number);
  if (words[0] == "create") {
    if (!is_short_number(number)) return "an extension's number has 1 to 6 digits, and does not begin with 0";
    if (extension != nullptr || tenant.queue(number) != nullptr) return fmt::format("{} exists", number);
    management_.create(tenant, {number, "New Colleague", "user" + number, "Sales"});
  } else if (extension == nullptr) {
    return missing("extension", number);
  } else if (words[0] == "update") {
    management_.update(*extension, extension->display_name + " (Berlin)");
  } else if (words[0] == "destroy") {
    management_.destroy(*extension);
  } else if (words[0] == "register" || words[0] == "unregister") {
    phones_.set_online(*extension, words[0] == "register");
  } else {
    return "expected create, update, destroy, register or unregister";
  }
  return {};
}

std::string Orders::change_queue(Tenant& tenant, const Words& words) {
  const auto& number = words[1];
  auto* queue = tenant.queue(number);
  if (words[0] == "create") {
    if (!is_short_number(number)) return "a queue's number has 1 to 6 digits, and does not begin with 0";
    if (queue != nullptr || tenant.extension(number) != nullptr) return fmt::format("{} exists", number);
    QueuePlan plan;
    plan.number = number;
    plan.name = "Campaign";
    management_.create(tenant, plan);
  } else if (queue == nullptr) {
    return missing("queue", number);
  } else if (words[0] == "update") {
    management_.update(*queue, queue->plan.name + " (new)");
  } else if (words[0] == "destroy") {
    management_.destroy(*queue);
  } else {
    return "expected create, update or destroy";
  }
  return {};
}

std::string Orders::change_agent(Tenant& tenant, const Words& words) {
  auto* extension = tenant.extension(words[1]);
  auto* queue = tenant.queue(words[2]);
  if (extension == nullptr) return missing("extension", words[1]);
  if (queue == nullptr) return missing("queue", words[2]);
  const bool is_agent = queue->agent(*extension) != nullptr;
  if (words[0] == "add") {
    if (is_agent) return fmt::format("{} is an agent of {}", words[1], words[2]);
    management_.add_agent(*queue, *extension);
  } else if (!is_agent) {
    return fmt::format("{} is not an agent of {}", words[1], words[2]);
  } else if (words[0] == "remove") {
    management_.remove_agent(*queue, *extension);
  } else if (words[0] == "login" || words[0] == "logout") {
    phones_.set_logged_in(*queue, *extension, words[0] == "login");
  } else {
    return "expected login, logout, add or remove";
  }
  return {};
}

std::string Orders::change_trunk(Tenant& tenant, const Words& words) {
  const auto trunk = std::ranges::find(tenant.trunks, words[1], [](const Trunk& each) { return each.plan.name; });
  if (trunk == tenant.trunks.end()) return missing("trunk", words[1]);
  if (words[0] != "connect" && words[0] != "disconnect") return "expected connect or disconnect";
  trunks_.set_connected(tenant, *trunk, words[0] == "connect");
  return {};
}

std::string Orders::set_activity(Tenant&, const Words& words) {
  if (words[0] == "day") {
    context_.set_activity.reset();
    return {};
  }
  double factor = 0;
  const auto* end = words[0].data() + words[0].size();
  const auto [stop, error] = std::from_chars(words[0].data(), end, factor);
  if (error != std::errc() || stop != end || !(factor >= 0) || factor > highest_activity)
    return fmt::format("expected a factor up to {}, or day", highest_activity);
  context_.set_activity = factor;
  return {};
}

}  // namespace pbxbridge::sim
