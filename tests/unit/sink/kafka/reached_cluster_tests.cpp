#include "sink/kafka/reached_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::ElementsAre;

/// Told by the broker that librdkafka calls `teller`, of these brokers.
ReachedCluster cluster_told_by(std::string teller, std::vector<std::string> hosts, int port = 9092,
                               const std::string& id = "lake") {
  std::vector<rd_kafka_metadata_broker_t> brokers;
  for (std::string& host : hosts) brokers.push_back({static_cast<std::int32_t>(brokers.size() + 1), host.data(), port});
  rd_kafka_metadata_t metadata{};
  metadata.broker_cnt = static_cast<int>(brokers.size());
  metadata.brokers = brokers.data();
  metadata.orig_broker_name = teller.data();
  return reached_cluster(metadata, id);
}

TEST(ReachedCluster, IsShownByTheBrokerThatToldOfIt) {
  EXPECT_EQ(cluster_told_by("kafka:9092/bootstrap", {"kafka"}).detail, "kafka:9092, 1 broker, cluster lake");
  EXPECT_EQ(cluster_told_by("kafka:9092/2", {"other", "kafka"}).detail, "kafka:9092, 2 brokers, cluster lake");
}

TEST(ReachedCluster, IsTheSameWithTlsAndAnAccount) {
  for (const char* scheme : {"ssl://", "sasl_plaintext://", "sasl_ssl://"}) {
    const auto cluster = cluster_told_by(std::string(scheme) + "kafka:9092/1", {"kafka"});
    EXPECT_EQ(cluster.detail, "kafka:9092, 1 broker, cluster lake") << scheme;
    EXPECT_TRUE(cluster.by_one_of_them) << scheme;
  }
}

TEST(ReachedCluster, KnowsWhetherTheTellerListensWhereBrokersAreSaidToListen) {
  EXPECT_TRUE(cluster_told_by("kafka:9092/bootstrap", {"other", "kafka"}).by_one_of_them);
  EXPECT_FALSE(cluster_told_by("kafka:9092/bootstrap", {"kafka.internal"}).by_one_of_them);
  EXPECT_FALSE(cluster_told_by("kafka:9092/bootstrap", {"kafka"}, 9093).by_one_of_them);
  EXPECT_THAT(cluster_told_by("kafka:9092/1", {"a", "b"}, 9093).brokers,
              ElementsAre(BrokerAddress{"a", 9093}, BrokerAddress{"b", 9093}));
}

TEST(ReachedCluster, ShowsNoIdentifierThatIsNone) {
  for (const std::string id : {"", "a b", "evil\x1b[31m", "{\"number\":\"4915112345678\"}"})
    EXPECT_EQ(cluster_told_by("kafka:9092/1", {"kafka"}, 9092, id).detail, "kafka:9092, 1 broker") << id;
  EXPECT_EQ(cluster_told_by("kafka:9092/1", {"kafka"}, 9092, std::string(65, 'a')).detail, "kafka:9092, 1 broker");
  EXPECT_EQ(cluster_told_by("kafka:9092/1", {"kafka"}, 9092, "4L6g3nShT-eMCtK--X86sw").detail,
            "kafka:9092, 1 broker, cluster 4L6g3nShT-eMCtK--X86sw");
}

}  // namespace
}  // namespace pbxbridge::sink
