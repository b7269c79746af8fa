#include "async/lifetime.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace pbxbridge::async {
namespace {

struct Owner {
  int calls = 0;
  Lifetime lifetime;
};

TEST(LifetimeTest, LetsAHandlerRunWhileItsOwnerIsThere) {
  Owner owner;
  auto handler = owner.lifetime.guard([&owner](int number) { owner.calls += number; });
  handler(1);
  handler(2);
  EXPECT_EQ(owner.calls, 3);
}

TEST(LifetimeTest, KeepsAHandlerFromRunningOnceItsOwnerIsGone) {
  std::optional<Owner> owner(std::in_place);
  int calls = 0;
  auto handler = owner->lifetime.guard([&calls] { ++calls; });
  owner.reset();
  handler();
  EXPECT_EQ(calls, 0);
}

TEST(LifetimeTest, TellsACallerThatACallHasDestroyedTheOwner) {
  std::optional<Owner> owner(std::in_place);
  const auto watch = owner->lifetime.watch();
  EXPECT_FALSE(watch.is_over());
  owner.reset();
  EXPECT_TRUE(watch.is_over());
}

TEST(LifetimeTest, KeepsWhatAHandlerHolds) {
  Owner owner;
  auto handler = owner.lifetime.guard([number = std::make_unique<int>(7), &owner] { owner.calls = *number; });
  auto moved = std::move(handler);
  moved();
  EXPECT_EQ(owner.calls, 7);
}

}  // namespace
}  // namespace pbxbridge::async
