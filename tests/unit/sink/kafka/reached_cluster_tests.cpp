#include "sink/kafka/reached_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
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
  EXPECT_FALSE(cluster_told_by("kafka:4464/bootstrap", {"kafka"}, 70'000).by_one_of_them);
  EXPECT_THAT(cluster_told_by("kafka:9092/1", {"a", "b"}, 9093).brokers,
              ElementsAre(BrokerAddress{"a", 9093}, BrokerAddress{"b", 9093}));
}

/// A cluster of broker 1 with a topic of these partitions, whose `leader` is 1 and whose `err` is none where not said.
std::optional<TopicTrouble> trouble(std::vector<rd_kafka_metadata_partition_t> partitions,
                                    rd_kafka_resp_err_t topic_error = RD_KAFKA_RESP_ERR_NO_ERROR) {
  std::string host = "kafka", teller = "kafka:9092/1", name = "cdr";
  rd_kafka_metadata_broker_t broker{1, host.data(), 9092};
  rd_kafka_metadata_topic_t topic{name.data(), static_cast<int>(partitions.size()), partitions.data(), topic_error};
  rd_kafka_metadata_t metadata{1, &broker, 1, &topic, 1, teller.data()};
  return reached_cluster(metadata, "lake").trouble;
}

rd_kafka_metadata_partition_t partition(std::int32_t id, std::int32_t leader,
                                        rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR) {
  return {id, error, leader, 0, nullptr, 0, nullptr};
}

TEST(ReachedCluster, SaysWhyATopicCannotBeWrittenTo) {
  EXPECT_EQ(trouble({partition(0, 1), partition(1, 1)}), std::nullopt);
  EXPECT_EQ(trouble({partition(0, 1), partition(1, -1, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)}),
            (TopicTrouble{"a partition has no leader", "cdr [1]"}));
  EXPECT_EQ(trouble({partition(0, 7)}),
            (TopicTrouble{"a partition is led by broker 7, which the cluster does not name", "cdr [0]"}));
  EXPECT_EQ(trouble({partition(0, 1, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)}),
            (TopicTrouble{rd_kafka_err2str(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR), "cdr [0]"}));
  EXPECT_EQ(trouble({}), (TopicTrouble{"a topic has no partitions", "cdr"}));
  EXPECT_EQ(trouble({}, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED),
            (TopicTrouble{rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), "cdr"}));
}

TEST(ReachedCluster, SaysThatItNamesNoBroker) {
  EXPECT_EQ(cluster_told_by("kafka:9092/bootstrap", {}).trouble, (TopicTrouble{"the cluster names no broker", {}}));
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
