#include "tap/filter.hpp"
#include "tap_fixture.hpp"

#include <gmock/gmock.h>

namespace pbxbridge::tap {
namespace {

using testing::HasSubstr;

class FilterTest : public TapTest {
 protected:
  bool takes(const TapRequest& request, const EventPtr& event) {
    ExaminedEvent examined(event, *router_, parsers_);
    return filter_of(request).takes(examined);
  }
  static std::string rejection_of(const TapRequest& request) {
    std::vector<std::string> warnings;
    const auto filter = Filter::compile(request, {.pbxs = {"hq"}, .sinks = {"board", "lake"}, .routes = 2}, warnings);
    return filter ? "" : filter.error().text;
  }
};

TEST_F(FilterTest, PatternsOfOneFieldAreAlternativesAndFieldsAreNot) {
  const auto event = next_event(Family::cdr, "1001", R"({"caller":"+4915550100","nested":{"a":"b"}})");
  EXPECT_TRUE(takes({}, event));
  EXPECT_TRUE(takes({.fields = {{"entity", "2*"}, {"entity", "1*"}}}, event));
  EXPECT_FALSE(takes({.fields = {{"entity", "1*"}, {"family", "queue"}}}, event));
  EXPECT_TRUE(takes({.fields = {{"caller", "+49*"}, {"nested.a", "b"}, {"pbx", "hq"}}}, event));
  EXPECT_FALSE(takes({.fields = {{"callee", "*"}}}, event));
}

TEST_F(FilterTest, SinksAndRoutesAreThoseThatTheRoutesName) {
  const auto record = next_event(Family::cdr);
  const auto other = next_event(Family::queue);
  EXPECT_TRUE(takes({.sinks = {"board"}}, record));
  EXPECT_FALSE(takes({.sinks = {"board"}}, other));
  EXPECT_TRUE(takes({.sinks = {"lake"}}, other));
  EXPECT_TRUE(takes({.routes = {1}}, other));
  EXPECT_FALSE(takes({.routes = {2}}, other));
  EXPECT_TRUE(takes({.sinks = {"board"}, .routes = {1, 2}}, record));
  EXPECT_FALSE(takes({.sinks = {"board"}, .routes = {1}}, record)) << "no single way of it is both";
}

TEST_F(FilterTest, NamesThatDoNotExistAreRejected) {
  EXPECT_THAT(rejection_of({.sinks = {"lak"}}), HasSubstr("there is no sink \"lak\", did you mean \"lake\"?"));
  EXPECT_THAT(rejection_of({.routes = {3}}), HasSubstr("there is no route 3; they count from 1 to 2"));
  EXPECT_THAT(rejection_of({.routes = {0}}), HasSubstr("no route 0"));
  EXPECT_THAT(rejection_of({.fields = {{"family", "cdrs"}}}), HasSubstr("no family \"cdrs\""));
  EXPECT_THAT(rejection_of({.fields = {{"a..b", "x"}}}), HasSubstr("not a name of a field"));
  EXPECT_EQ(rejection_of({.fields = {{"pbx", "branch"}}}), "") << "a warning";
}

}  // namespace
}  // namespace pbxbridge::tap
