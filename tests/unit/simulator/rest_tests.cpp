#include "simulator/rest/filter.hpp"
#include "simulator/rest/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string client = "client_id=9d806019-75b2-4b3d-bb8b-f5a3a412cc0a&scope=all&";

class RestTest : public ::testing::Test {
 protected:
  HttpAnswer post(const std::string& form) {
    return service_.answer({"POST", "/api/login/oauth/token", "", client + form}, now_);
  }

  std::string token(const std::string& username = "bridge", const std::string& domain = "example.test") {
    const auto answer = post("grant_type=password&username=" + username + "&password=secret&domain=" + domain);
    EXPECT_EQ(answer.status, 200U) << answer.body;
    return json::parse(answer.body).at("access_token");
  }

  HttpAnswer answer_to(const std::string& target, const std::string& access) {
    return service_.answer({"GET", target, "Bearer " + access, ""}, now_);
  }

  json get(const std::string& target) {
    const auto answer = answer_to(target, administrator_);
    EXPECT_EQ(answer.status, 200U) << target << " " << answer.body;
    return json::parse(answer.body);
  }

  unsigned status(const std::string& target, const std::string& access) { return answer_to(target, access).status; }

  void let_calls_end(std::size_t count) {
    while (model_.records().size() < count) (void)model_.next();
  }

  Installation installation_ = default_installation();
  World world_{installation_.tenants};
  Model model_{world_, 3, time_of_seconds(1764000000), Dialect::v22};
  Tokens tokens_{30min};
  RestService service_{installation_, world_, model_, tokens_};
  std::chrono::steady_clock::time_point now_{1h};
  std::string administrator_ = token();
};

TEST_F(RestTest, ALoginIsAnsweredAsTheVendorDoesIt) {
  const auto answer = json::parse(post("grant_type=password&username=admin&password=secret").body);
  EXPECT_EQ(answer.at("token_type"), "Bearer");
  EXPECT_EQ(answer.at("expires_in"), 1800);
  const auto wrong = post("grant_type=password&username=admin&password=wrong");
  EXPECT_EQ(wrong.status, 400U);
  EXPECT_THAT(json::parse(wrong.body).at("errors"), SizeIs(1));
  EXPECT_EQ(json::parse(wrong.body).at("errors")[0].at("code"), "invalid_grant");
  EXPECT_EQ(service_.answer({"POST", "/api/login/oauth/token", "", "grant_type=password"}, now_).status, 400U);
  EXPECT_EQ(post("grant_type=dance").status, 400U);
  EXPECT_EQ(post("grant_type=%zz").status, 400U);
}

TEST_F(RestTest, ATokenExpiresAndIsRefreshedOnce) {
  const auto first = json::parse(post("grant_type=password&username=bridge&password=secret&domain=example.test").body);
  now_ += 30min;
  const auto expired = answer_to("/api/users", first.at("access_token"));
  EXPECT_EQ(expired.status, 401U);
  EXPECT_EQ(expired.headers.at("WWW-Authenticate"), "Bearer");
  const auto refresh = "grant_type=refresh_token&refresh_token=" + first.at("refresh_token").get<std::string>();
  const auto second = json::parse(post(refresh).body);
  EXPECT_EQ(status("/api/users", second.at("access_token")), 200U);
  EXPECT_EQ(post(refresh).status, 400U);
}

TEST_F(RestTest, EachRoleHasItsResources) {
  const auto system = token("admin", ""), manager = token("radia"), user = token("ada");
  const std::map<std::string, std::vector<unsigned>> expected{
      {"/api/users", {200, 200, 403, 403}},   {"/api/call_queues", {200, 200, 403, 403}},
      {"/api/cdrs", {200, 200, 403, 403}},    {"/api/sessions", {200, 200, 403, 403}},
      {"/api/tenants", {403, 403, 403, 200}}, {"/api/nothing", {404, 404, 404, 404}},
  };
  for (const auto& [target, statuses] : expected) {
    const std::vector<unsigned> found{status(target, administrator_), status(target, manager), status(target, user),
                                      status(target, system)};
    EXPECT_EQ(found, statuses) << target;
    EXPECT_EQ(status(target, "guess"), 401U);
  }
  EXPECT_EQ(service_.answer({"GET", "/api/users", "bearer " + administrator_, ""}, now_).status, 200U)
      << "the case of a scheme does not matter";
  EXPECT_EQ(service_.answer({"DELETE", "/api/users", "Bearer " + administrator_, ""}, now_).status, 405U);
}

TEST_F(RestTest, ShowsExtensionsQueuesAndTenants) {
  const auto users = get("/api/users?filter=extension_number eq '101'");
  EXPECT_EQ(users.at("count"), 1);
  EXPECT_EQ(users.at("items")[0].at("name"), "ada");
  EXPECT_EQ(get("/api/users").at("count"), 22) << "20 extensions, and two users without one";
  const auto queues = get("/api/call_queues");
  EXPECT_EQ(queues.at("count"), 3);
  const std::string id = queues.at("items")[0].at("id");
  EXPECT_EQ(get("/api/call_queues/" + id).at("name"), "Sales");
  EXPECT_THAT(get("/api/call_queues/" + id + "/agents").at("items"), SizeIs(5));
  const auto tenants = json::parse(answer_to("/api/tenants", token("admin", "")).body);
  EXPECT_EQ(tenants.at("items")[1].at("domain"), "other.test");
  EXPECT_EQ(status("/api/call_queues/7", administrator_), 404U);
  EXPECT_EQ(status("/api/call_queues/" + id + "/colour", administrator_), 404U);
}

TEST_F(RestTest, ShowsWhoWaitsAndWhoTalksNow) {
  for (int i = 0; i < 6; ++i) ASSERT_EQ(model_.execute("call 1555010" + std::to_string(i) + " 8001"), "");
  const std::string queue = get("/api/call_queues").at("items")[0].at("id");
  EXPECT_EQ(get("/api/call_queues/" + queue + "/waiting").at("count"), 6);
  EXPECT_EQ(get("/api/call_queues/" + queue + "/status").at("waiting_callers"), 6);
  EXPECT_EQ(get("/api/sessions").at("count"), 6);
  EXPECT_EQ(get("/api/sessions?filter=state eq 'RINGING'").at("count"), 5) << "one for each agent";
}

TEST_F(RestTest, HasTheCallRecordsThatWerePushed) {
  std::map<std::string, json> pushed;
  while (pushed.size() < 150) {
    const auto event = model_.next();
    if (event->facts.event_type != "call_cdr" || event->facts.tenant_id != world_.tenants[0].id) continue;
    auto record = json::parse(event->text);
    pushed[record.at("call_id")] = record;
  }
  std::map<std::string, json> found;
  for (int skip = 0; skip < 200; skip += 100) {
    const auto page = get("/api/cdrs?skip=" + std::to_string(skip));
    for (const auto& record : page.at("items")) found[record.at("call_id")] = record;
  }
  ASSERT_EQ(found.size(), pushed.size());
  for (const auto& [call_id, event] : pushed) {
    ASSERT_TRUE(found.contains(call_id));
    const auto& record = found.at(call_id);
    EXPECT_EQ(record.at("caller"), event.at("caller"));
    EXPECT_EQ(record.at("callee"), event.at("callee"));
    EXPECT_EQ(record.at("duration"), event.at("talk_duration"));
    EXPECT_EQ(record.at("did_cid"), event.at("did"));
    EXPECT_EQ(record.at("answered_at") == "", event.at("answered_time") == "0");
    EXPECT_EQ(get("/api/cdrs/" + record.at("id").get<std::string>()), record);
  }
}

TEST_F(RestTest, PagesFiltersAndSorts) {
  let_calls_end(300);
  const auto all = get("/api/cdrs?top=100");
  const auto count = all.at("count").get<std::size_t>();
  EXPECT_THAT(all.at("items"), SizeIs(100));
  EXPECT_THAT(get("/api/cdrs?top=7").at("items"), SizeIs(7));
  EXPECT_THAT(get("/api/cdrs?skip=" + std::to_string(count - 3)).at("items"), SizeIs(3));
  EXPECT_THAT(get("/api/cdrs?skip=100000").at("items"), SizeIs(0));
  for (const char* wrong : {"top=0", "top=101", "top=x", "skip=-1", "filter=caller", "filter=caller eq", "orderby=a up",
                            "orderby=caller desc please", "orderby=caller,", "orderby=caller;callee"})
    EXPECT_EQ(status("/api/cdrs?" + std::string(wrong), administrator_), 400U) << wrong;

  const std::string later = all.at("items")[50].at("started_at");
  const auto filtered =
      get("/api/cdrs?orderby=started_at%20desc&filter=direction+eq+%27INBOUND_CALL%27+and+started_at+gt+%27" + later +
          "%27");
  std::string before = "9999";
  for (const auto& record : filtered.at("items")) {
    EXPECT_EQ(record.at("direction"), "INBOUND_CALL");
    EXPECT_GT(record.at("started_at"), later);
    EXPECT_LE(record.at("started_at"), before);
    before = record.at("started_at");
  }
  EXPECT_GT(filtered.at("count"), 10);
  EXPECT_LT(filtered.at("count"), count);
}

TEST_F(RestTest, IsLimitedOnDemand) {
  service_.limit(3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status("/api/users", administrator_), 200U);
  const auto limited = answer_to("/api/users", administrator_);
  EXPECT_EQ(limited.status, 429U);
  EXPECT_EQ(limited.headers.at("Retry-After"), "1");
  now_ += 1s;
  EXPECT_EQ(status("/api/users", administrator_), 200U);
}

TEST(FilterTest, ComparesConnectsAndNegates) {
  const json object{{"caller", "O'Hara"}, {"duration", 12}, {"enabled", true}};
  for (const char* passing : {"", "caller eq 'O''Hara'", "duration gt 11 and duration le 12", "enabled eq true",
                              "duration eq 1 or not (caller eq 'x')", "contains(caller,'Har')",
                              "startswith(caller, 'O')", "duration eq 12 or duration eq 1 and enabled eq false"})
    EXPECT_TRUE(Filter(passing).passes(object)) << passing;
  for (const char* failing : {"caller eq 'x'", "colour eq 'red'", "duration eq '12'", "not enabled eq true",
                              "(duration eq 12 or duration eq 1) and enabled eq false"})
    EXPECT_FALSE(Filter(failing).passes(object)) << failing;
  EXPECT_THROW(Filter(std::string(1000, '(')), std::invalid_argument);
  EXPECT_THROW(Filter("caller like 'x'"), std::invalid_argument);
  EXPECT_THROW(Filter("caller eq 'x"), std::invalid_argument);
  EXPECT_THROW(Filter("caller eq 'x' caller"), std::invalid_argument);
}

TEST(FilterTest, SaysWhereItCannotBeUnderstood) {
  const auto error_of = [](std::string_view text) {
    try {
      const Filter filter(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(error_of("caller EQ 'x'"), HasSubstr("le at character 8"));
  EXPECT_THAT(error_of("contains(caller,155)"), HasSubstr("a text at character 17"));
  EXPECT_THAT(error_of("caller eq 'x' xor callee eq 'y'"), HasSubstr("the end at character 15"));
}

}  // namespace
}  // namespace pbxbridge::sim
