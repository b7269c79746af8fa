#include "config/schema/bounded_wait.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace pbxbridge::config {
namespace {

using namespace std::chrono_literals;

TEST(BoundedWait, BringsWhatTheWorkReturns) {
  const BoundedWait patience(30s);
  EXPECT_EQ(patience.wait_for("a", [] { return std::string("done"); }).value().value(), "done");
  EXPECT_EQ(patience.wait_for("a", [] { return std::string("again"); }).value().value(), "again");
}

TEST(BoundedWait, EndsWhereTheWorkHangsAndDoesNotBeginItAgain) {
  const BoundedWait patience(20ms);
  const auto answer = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<void>>();
  const auto hangs = [answer, ended]() -> Result<std::string> {
    answer->get_future().wait();
    ended->set_value();
    return std::string();
  };
  EXPECT_FALSE(patience.wait_for("share", hangs));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(BoundedWait(patience).wait_for("share", [] { return std::string(); })) << "is still waited for";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  EXPECT_TRUE(BoundedWait(30s).wait_for("share", [] { return std::string(); })) << "another one's";
  answer->set_value();
  ended->get_future().wait();
}

/// Such as one file of certificates that several connections read, each on its thread.
TEST(BoundedWait, LetsSeveralDoTheSameAtOnce) {
  const BoundedWait patience(30s);
  std::promise<void> answer;
  const auto answered = answer.get_future().share();
  const auto wait = [&] {
    return std::async(std::launch::async, [&] {
      return patience.wait_for("a", [answered]() -> Result<std::string> {
        answered.wait();
        return std::string("done");
      });
    });
  };
  auto first = wait();
  auto second = wait();
  answer.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

}  // namespace
}  // namespace pbxbridge::config
