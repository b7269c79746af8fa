#include "sink/kafka/kafka_examination.hpp"

#include "net/peer_examination.hpp"
#include "sink/kafka/broker_question.hpp"
#include "sink/kafka/kafka_cluster_view.hpp"
#include "sink/kafka/kafka_write_rights.hpp"
#include "url/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace pbxbridge::sink {

namespace {

constexpr std::uint16_t default_port = 9092;

using TopicSettings = Result<std::map<std::string, std::string>>;

bool goes_on() { return false; }

BrokerAddress address_of(const std::string& broker) {
  const auto endpoint = url::parse_endpoint("kafka://" + broker);
  if (!endpoint) return {broker, default_port};
  return {endpoint->host, endpoint->port == 0 ? default_port : endpoint->port};
}

/// A setting that is a number; 0 where it is not told.
std::uint64_t number(const TopicSettings& settings, const std::string& name) {
  if (!settings || !settings->contains(name)) return 0;
  const std::string& text = settings->at(name);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class KafkaExamination {
 public:
  KafkaExamination(const KafkaSettings& settings, const SinkExamination& asked, Findings& findings)
      : settings_(settings), asked_(asked), findings_(findings) {}

  void run() {
    if (!reach_one()) return;
    if (const auto why = why_no_broker_answers(settings_, settings_.brokers, settings_.connect_timeout, goes_on))
      return findings_.error("account", *why,
                             settings_.sasl ? "check sasl: mechanism, username and password, and what the port speaks"
                                            : "look whether that port wants TLS or an account (`tls`, `sasl`)");
    findings_.ok("account", settings_.sasl ? fmt::format("accepted, by {}", to_string(settings_.sasl->mechanism))
                                           : "none is needed");
    auto conf = asking_conf(settings_, settings_.brokers);
    const auto client =
        conf ? make_asking_client(std::move(*conf), settings_, goes_on) : Result<KafkaClient>(conf.error());
    const auto view = client ? view_of_cluster(client->get(), asked_.step_limit) : client.error();
    if (!view)
      return findings_.error("cluster", "it does not tell its topics: " + view.error().text,
                             "look at the log of the brokers");
    reach_advertised(view->brokers);
    tell_topics(client->get(), *view);
  }

 private:
  net::StreamSettings peer(const BrokerAddress& broker) const {
    return {.host = broker.host,
            .port = static_cast<std::uint16_t>(broker.port),
            .uses_tls = settings_.tls.has_value(),
            .tls = settings_.tls.value_or(net::TlsConfig{}),
            .connect_timeout = settings_.connect_timeout};
  }

  /// One of `brokers` is enough to begin with.
  bool reach_one() {
    bool reached = false;
    for (const std::string& broker : settings_.brokers) {
      const BrokerAddress address = address_of(broker);
      reached = net::examine_peer(peer(address), findings_) || reached;
      examined_.push_back(address);
    }
    return reached;
  }

  /// Clients are sent to the addresses that the cluster tells.
  void reach_advertised(const std::vector<BrokerAddress>& advertised) {
    for (const BrokerAddress& broker : advertised) {
      if (std::ranges::find(examined_, broker) != examined_.end()) continue;
      findings_.ok("cluster", fmt::format("it sends its clients to {}, which is examined next", name_of(broker)));
      if (!has_possible_port(broker) || !net::examine_peer(peer(broker), findings_))
        findings_.error("cluster", fmt::format("its broker {} is not reached from here", name_of(broker)),
                        "correct advertised.listeners of that broker, or let this machine reach it");
    }
  }

  void tell_topics(rd_kafka_t* client, const KafkaClusterView& view) {
    std::vector<std::string> names;
    std::vector<std::string> existing;
    for (const ExaminedTopic& topic : asked_.topics) {
      if (topic.kind == ExaminedTopic::Kind::example) continue;
      names.push_back(topic.name);
      if (view.topics.contains(topic.name)) existing.push_back(topic.name);
    }
    const auto settings = topic_settings(client, names, asked_.step_limit);
    const auto rights = existing.empty() ? Rights{} : write_rights(settings_, existing, asked_.step_limit);
    for (const ExaminedTopic& topic : asked_.topics) {
      if (topic.kind == ExaminedTopic::Kind::example) {
        tell_example(topic);
        continue;
      }
      const auto found = view.topics.find(topic.name);
      if (found == view.topics.end()) {
        tell_missing(topic, settings.at(topic.name));
        continue;
      }
      tell_topic(topic.name, found->second, settings.at(topic.name));
      tell_right(topic.name, rights);
    }
  }

  void tell_example(const ExaminedTopic& topic) {
    findings_.warning("topic " + topic.origin,
                      fmt::format("which topics there will be is known from events only, such as {}", topic.name),
                      "create them all beforehand: the events of one that is missing wait");
  }

  void tell_missing(const ExaminedTopic& topic, const TopicSettings& settings) {
    const std::string step = "topic " + topic.name;
    if (settings_.create_topics.contains(topic.name))
      return findings_.ok(step, "does not exist yet; it is in create_topics, and made when the sink connects");
    const bool is_hidden = !settings && settings.error().text.find("uthoriz") != std::string::npos;
    const std::string words = is_hidden ? "does not exist, or the account may not see it" : "does not exist";
    const std::string remedy = fmt::format(
        "create it, or name it in create_topics: kafka-topics.sh --bootstrap-server {} --create --topic {}{}",
        settings_.brokers.front(), topic.name, is_hidden ? "; or let the account Describe and Write it" : "");
    if (topic.kind == ExaminedTopic::Kind::unlikely)
      findings_.warning(step, words + "; events of unknown types, or without a topic of their own, would wait for it",
                        remedy);
    else
      findings_.error(step, words + ": its events wait until it does", remedy);
  }

  void tell_topic(const std::string& name, const KafkaTopicFacts& facts, const TopicSettings& settings) {
    const std::string step = "topic " + name;
    const auto minimum = number(settings, "min.insync.replicas");
    const auto largest = number(settings, "max.message.bytes");
    const std::string words =
        fmt::format("{} partition{}, {} replica{}, {} in sync; {}", facts.partitions, facts.partitions == 1 ? "" : "s",
                    facts.fewest_replicas, facts.fewest_replicas == 1 ? "" : "s", facts.fewest_in_sync,
                    settings ? fmt::format("min.insync.replicas {}, max.message.bytes {}", minimum, largest)
                             : "its settings are not told: " + settings.error().text);
    if (facts.lacks_leader)
      findings_.error(step, words + "; a partition has no leader", "bring its brokers back");
    else if (minimum > facts.fewest_in_sync)
      findings_.error(step, words + "; fewer are in sync than it demands, so that no event is taken",
                      "bring its brokers back, or lower min.insync.replicas of the topic");
    else if (largest != 0 && largest < asked_.largest_payload)
      findings_.warning(step,
                        fmt::format("{}; an event may have {} bytes, and is a dead letter if it is too large", words,
                                    asked_.largest_payload),
                        "raise max.message.bytes of the topic, or lower max_frame_size of the PBX");
    else if (facts.fewest_replicas == 1)
      findings_.warning(step, words + "; events on one broker alone are lost with its disk",
                        "give the topic more replicas, where the cluster has more brokers");
    else
      findings_.ok(step, words);
  }

  using Rights = std::map<std::string, WriteRight>;

  void tell_right(const std::string& name, const Result<Rights>& rights) {
    const std::string step = "right to write " + name;
    if (!rights) return findings_.error(step, rights.error().text, "look at the log of the brokers");
    const WriteRight& right = rights->at(name);
    if (right.record_was_taken)
      findings_.warning(
          step, "the account has it; the broker took a record that Kafka rejects, so that one without content stays",
          "ignore that record");
    else if (right.why_not)
      findings_.error(step, *right.why_not,
                      fmt::format("kafka-acls.sh --bootstrap-server {} --add --allow-principal User:NAME --producer "
                                  "--topic {}",
                                  settings_.brokers.front(), name));
    else
      findings_.ok(step, "the account has it");
  }

  const KafkaSettings& settings_;
  const SinkExamination& asked_;
  Findings& findings_;
  std::vector<BrokerAddress> examined_;
};

}  // namespace

void examine_kafka(const KafkaSettings& settings, const SinkExamination& asked, Findings& findings) {
  KafkaExamination(settings, asked, findings).run();
}

}  // namespace pbxbridge::sink
