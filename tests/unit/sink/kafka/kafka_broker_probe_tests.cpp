#include "sink/kafka/broker_probe.hpp"
#include "support/kafka_java.hpp"
#include "support/kafka_mock_cluster.hpp"
#include "support/unreachable_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

BrokerAddress address_of(const std::string& text) {
  const auto colon = text.rfind(':');
  return {text.substr(0, colon), std::stoi(text.substr(colon + 1))};
}

std::optional<std::string> probe(const std::vector<std::string>& addresses) {
  std::vector<BrokerAddress> brokers;
  for (const auto& address : addresses) brokers.push_back(address_of(address));
  return why_no_broker_is_reached(brokers, 2s, [] { return false; });
}

TEST(BrokerProbe, OneThatIsReachedIsEnough) {
  const test::MockCluster cluster;
  const test::BlackHole black_hole;
  EXPECT_EQ(probe({"kafka.invalid:9092", black_hole.address(), cluster.address()}), std::nullopt);
  EXPECT_EQ(probe({}), std::nullopt);
}

TEST(BrokerProbe, SaysWhyEachIsNotReached) {
  const test::FreePort closed;
  const test::BlackHole black_hole;
  EXPECT_THAT(probe({closed.address(), "kafka.invalid:9092", black_hole.address()}),
              Optional(AllOf(HasSubstr(closed.address() + ": Connection refused"), HasSubstr("kafka.invalid:9092: "),
                             HasSubstr("not found"), HasSubstr(black_hole.address() + ": no answer"))));
  EXPECT_THAT(probe(std::vector<std::string>(5, closed.address())), Optional(HasSubstr("and 2 more")));
}

TEST(BrokerProbe, SaysThatThereIsNoSuchPort) {
  for (const std::string address : {"kafka:70000", "kafka:0", "kafka:-1"})
    EXPECT_EQ(probe({address}), address + ": there is no such port");
}

TEST(BrokerProbe, NamesAnAddressOfIpVersion6InBrackets) {
  EXPECT_EQ(name_of({"::1", 9092}), "[::1]:9092");
  EXPECT_EQ(name_of({"kafka", 9092}), "kafka:9092");
}

TEST(BrokerProbe, EndsWhenItIsToldTo) {
  const test::BlackHole black_hole;
  const auto begin = std::chrono::steady_clock::now();
  (void)why_no_broker_is_reached({address_of(black_hole.address())}, 60s, [] { return true; });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

}  // namespace
}  // namespace pbxbridge::sink
