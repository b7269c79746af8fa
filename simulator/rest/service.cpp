#include "simulator/rest/service.hpp"

#include "simulator/rest/filter.hpp"
#include "simulator/rest/resources.hpp"
#include "text/ascii.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

using nlohmann::json;

constexpr std::string_view root = "/api";
constexpr std::string_view client_id = "9d806019-75b2-4b3d-bb8b-f5a3a412cc0a";
constexpr std::size_t largest_page = 100;

/// Ends the handling of a request; never leaves this file.
struct RestError : std::runtime_error {
  RestError(unsigned status_code, std::string_view name, const std::string& text)
      : std::runtime_error(text), status(status_code), code(name) {}
  unsigned status;
  std::string code;
};

RestError bad_request(const std::string& text) { return {400, "bad_request", text}; }
RestError not_found() { return {404, "not_found", "there is no such resource"}; }

HttpAnswer answer_of(const json& object, unsigned status = 200) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = object.dump(-1, ' ', false, json::error_handler_t::replace);
  return answer;
}

HttpAnswer answer_of(const RestError& rejected) {
  auto answer = answer_of(json{{"errors", json::array({{{"code", rejected.code}, {"message", rejected.what()}}})}},
                          rejected.status);
  if (rejected.status == 401) answer.headers["WWW-Authenticate"] = "Bearer";
  if (rejected.status == 429) answer.headers["Retry-After"] = "1";
  return answer;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    segments.emplace_back(segment);
  }
  return segments;
}

std::size_t number_of(const Form& query, std::string_view name, std::size_t otherwise, std::size_t lowest,
                      std::size_t highest) {
  const auto text = value_of(query, name);
  if (text.empty()) return otherwise;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < lowest || number > highest)
    throw bad_request(fmt::format("{} must be a number from {} to {}", name, lowest, highest));
  return number;
}

/// Returns what stands behind the scheme, whose case does not matter (RFC 9110, 11.1); empty where it is another one.
std::string_view token_of(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (text::lower_case(authorization.substr(0, scheme.size())) != scheme) return {};
  return authorization.substr(scheme.size());
}

void expect_role(const Account& account, std::initializer_list<Role> roles, std::string_view who) {
  if (std::ranges::find(roles, account.role) == roles.end())
    throw RestError(403, "forbidden", fmt::format("is for {} only", who));
}

const Tenant& tenant_of(const Account& account, const World& world) {
  const auto* tenant = world.tenant_of_domain(account.domain);
  if (tenant == nullptr) throw RestError(403, "forbidden", "is for users of a tenant only");
  return *tenant;
}

void expect_manager(const Account& account) {
  expect_role(account, {Role::tenant_administrator, Role::queue_manager}, "the roles Admin and QueueManager");
}

/// Returns the places of the objects that pass, in their order. They are made only to be looked at.
std::vector<std::size_t> places_of(std::size_t count, const std::function<json(std::size_t)>& object_at,
                                   const Filter& filter, const Order& order) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (filter.passes_all() && order.is_none()) return places;
  std::vector<Order::Key> keys(count);
  std::erase_if(places, [&](std::size_t place) {
    const auto object = object_at(place);
    if (!filter.passes(object)) return true;
    keys[place] = order.key_of(object);
    return false;
  });
  std::ranges::stable_sort(places,
                           [&](std::size_t left, std::size_t right) { return order.before(keys[left], keys[right]); });
  return places;
}

}  // namespace

bool RestService::is_for(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  return path == root || path.starts_with("/api/");
}

HttpAnswer RestService::answer(const HttpRequest& request, std::chrono::steady_clock::time_point now) {
  try {
    if (!limit_.allows(now)) throw RestError(429, "too_many_requests", "too many requests in a second");
    const std::string_view target = request.target;
    const auto path = target.substr(0, target.find('?'));
    const auto query = parse_form(target.substr(std::min(target.size(), path.size() + 1)));
    if (!query) throw bad_request("the query is not percent-encoded");
    if (path == "/api/login/oauth/token") return log_in(request, now);
    const auto* account = tokens_.account_of(token_of(request.authorization), now);
    if (account == nullptr) throw RestError(401, "unauthorized", "the access token is missing, wrong or expired");
    if (request.method != "GET") throw RestError(405, "method_not_allowed", "only GET is simulated");
    return get(*account, segments_of(path.substr(root.size())), *query);
  } catch (const RestError& rejected) {
    return answer_of(rejected);
  }
}

HttpAnswer RestService::log_in(const HttpRequest& request, std::chrono::steady_clock::time_point now) {
  if (request.method != "POST") throw RestError(405, "method_not_allowed", "a login is a POST");
  const auto form = parse_form(request.body);
  if (!form) throw bad_request("the form is not percent-encoded");
  if (value_of(*form, "client_id") != client_id) throw RestError(400, "invalid_client", "client_id is wrong");
  const auto grant_type = value_of(*form, "grant_type");
  const Account* account = nullptr;
  if (grant_type == "refresh_token") {
    account = tokens_.use_refresh(value_of(*form, "refresh_token"));
  } else if (grant_type == "password") {
    Credentials credentials;
    credentials.username = value_of(*form, "username");
    credentials.password = value_of(*form, "password");
    credentials.domain = value_of(*form, "domain");
    account = authenticate(installation_, credentials);
  } else {
    throw RestError(400, "unsupported_grant_type", "grant_type must be password or refresh_token");
  }
  if (account == nullptr) throw RestError(400, "invalid_grant", "username , domain or password error");
  const auto tokens = tokens_.issue(*account, now);
  return answer_of(json{{"access_token", tokens.access},
                        {"expires_in", tokens_.lifetime().count()},
                        {"refresh_token", tokens.refresh},
                        {"token_type", "Bearer"}});
}

HttpAnswer RestService::get(const Account& account, const Segments& path, const Form& query) const {
  const auto collection = path.empty() ? std::string() : path[0];
  if (collection == "call_queues") return get_queues(account, path, query);
  if (collection == "cdrs") return get_records(account, path, query);
  if (collection == "sessions") return get_sessions(account, path, query);
  if (path.size() != 1) throw not_found();
  if (collection == "users") {
    expect_manager(account);
    return page(resource::users(tenant_of(account, world_), installation_), query);
  }
  if (collection == "tenants") {
    expect_role(account, {Role::system_administrator}, "system administrators");
    Objects tenants;
    for (const auto& tenant : world_.tenants) tenants.push_back(resource::tenant(tenant));
    return page(tenants, query);
  }
  throw not_found();
}

HttpAnswer RestService::get_queues(const Account& account, const Segments& path, const Form& query) const {
  expect_manager(account);
  const auto& tenant = tenant_of(account, world_);
  if (path.size() == 1) {
    Objects queues;
    for (const auto& queue : tenant.queues) queues.push_back(resource::call_queue(*queue));
    return page(queues, query);
  }
  const auto queue = std::ranges::find(tenant.queues, path[1], [](const auto& each) { return each->id; });
  if (queue == tenant.queues.end() || path.size() > 3) throw not_found();
  if (path.size() == 2) return answer_of(resource::call_queue(**queue));
  if (path[2] == "status") return answer_of(resource::queue_status(**queue));
  if (path[2] == "waiting") return page(resource::waiting(**queue), query);
  if (path[2] == "agents") return page(resource::agents(**queue), query);
  throw not_found();
}

HttpAnswer RestService::get_records(const Account& account, const Segments& path, const Form& query) const {
  expect_manager(account);
  const auto& tenant = tenant_of(account, world_);
  if (path.size() > 2) throw not_found();
  std::vector<const CallRecord*> records;
  for (const auto& record : model_.records()) {
    if (record.tenant != &tenant) continue;
    if (path.size() == 1)
      records.push_back(&record);
    else if (record.cdr_id == path[1])
      return answer_of(resource::call_record(record));
  }
  if (path.size() == 2) throw not_found();
  return page(
      records.size(), [&](std::size_t place) { return resource::call_record(*records[place]); }, query);
}

HttpAnswer RestService::get_sessions(const Account& account, const Segments& path, const Form& query) const {
  expect_manager(account);
  const auto& tenant = tenant_of(account, world_);
  if (path.size() > 2) throw not_found();
  Objects sessions;
  for (const auto& [serial, call] : model_.open_calls()) {
    if (call->tenant != &tenant || call->phase == Call::Phase::planned) continue;
    if (path.size() == 1)
      sessions.push_back(resource::session(*call));
    else if (call->session_id == path[1])
      return answer_of(resource::session(*call));
  }
  if (path.size() == 2) throw not_found();
  return page(sessions, query);
}

HttpAnswer RestService::page(const Objects& objects, const Form& query) {
  return page(
      objects.size(), [&](std::size_t place) { return objects[place]; }, query);
}

HttpAnswer RestService::page(std::size_t count, const ObjectAt& object_at, const Form& query) {
  const auto top = number_of(query, "top", largest_page, 1, largest_page);
  const auto skip = number_of(query, "skip", 0, 0, std::numeric_limits<std::size_t>::max());
  try {
    const auto places =
        places_of(count, object_at, Filter(value_of(query, "filter")), Order(value_of(query, "orderby")));
    json items = json::array();
    for (std::size_t i = skip; i < places.size() && items.size() < top; ++i) items.push_back(object_at(places[i]));
    return answer_of(json{{"count", places.size()}, {"items", std::move(items)}});
  } catch (const std::invalid_argument& error) {
    throw bad_request(error.what());
  }
}

}  // namespace pbxbridge::sim
