// The conformance suite on a real RabbitMQ, SIGKILL included.

#include "sink/amqp/amqp_sink.hpp"
#include "sink/conformance.hpp"
#include "sink/rabbitmq_broker.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::test {
namespace {

class AmqpHarness final : public SinkHarness {
 public:
  AmqpHarness() { make_queue(); }

  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    settings_ = settings_of(sink::amqp_sink_type,
                            "{type: amqp, url: 'amqp://" + far_side_name() + "', password: guest, exchange: " + name_ +
                                ", message_size: " + std::to_string(RabbitMqBroker::largest_payload) + "B}");
    return sink::amqp_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return {"pbx.queue", "pbx.extension"}; }
  std::vector<Arrived> arrived() override {
    for (auto& message : AmqpTestClient(broker_.port()).take_all(name_))
      arrived_.push_back({std::move(message.routing_key), std::nullopt, std::move(message.payload)});
    return arrived_;
  }
  void take_far_side_down() override { broker_.kill(); }
  std::string far_side_name() override { return "127.0.0.1:" + std::to_string(broker_.port()); }
  void restart_far_side() override {
    broker_.kill();
    broker_.start();
    make_queue();  // RabbitMQ writes a new binding to the disk a moment later, and SIGKILL takes it
  }
  void freeze() override { broker_.freeze(); }
  void thaw() override { broker_.thaw(); }
  void reject_for_now() override { AmqpTestClient(broker_.port()).unbind(name_, name_, "pbx.#"); }
  void take_again() override { AmqpTestClient(broker_.port()).bind(name_, name_, "pbx.#"); }
  Delivery make_rejectable(Delivery delivery) override {
    return with_payload(std::move(delivery), std::string(RabbitMqBroker::largest_payload + 1, 'x'));
  }

 private:
  void make_queue() {
    AmqpTestClient client(broker_.port());
    client.make_exchange(name_);
    client.make_queue(name_);
    client.bind(name_, name_, "pbx.#");
  }

  RabbitMqBroker& broker_ = RabbitMqBroker::shared();
  const std::string name_ = RabbitMqBroker::new_name();  // of the exchange and the queue
  std::shared_ptr<const SinkSettings> settings_;
  std::vector<Arrived> arrived_;
};

const auto rabbitmq = harness_factory<AmqpHarness>();

INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkConformance, testing::Values(rabbitmq));
INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkDownConformance, testing::Values(rabbitmq));
INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkFreezeConformance, testing::Values(rabbitmq));
INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkRestartConformance, testing::Values(rabbitmq));
INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkRetryConformance, testing::Values(rabbitmq));
INSTANTIATE_TEST_SUITE_P(Amqp_on_rabbitmq, SinkRejectConformance, testing::Values(rabbitmq));

}  // namespace
}  // namespace pbxbridge::test
