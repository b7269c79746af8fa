// The conformance suite of pbxbridge against a real nats-server with JetStream.

#include "nats_server.hpp"
#include "nats_sink.hpp"

#include <fmt/format.h>

#include <memory>
#include <sink/conformance.hpp>
#include <string>
#include <utility>
#include <vector>

namespace nats_sink {
namespace {

using namespace pbxbridge::test;
using pbxbridge::Delivery;
using pbxbridge::Sink;
using pbxbridge::SinkContext;

class NatsHarness final : public SinkHarness {
 public:
  std::unique_ptr<Sink> make_sink(SinkContext context) override {
    settings_ = settings_of(nats_sink_type, "{type: nats, url: '" + server_.url() + "'}");
    return nats_sink_type.make(*settings_, std::move(context));
  }
  std::vector<std::string> topics() override { return {"pbx.queue", "pbx.extension"}; }
  std::vector<Arrived> arrived() override {
    std::vector<Arrived> arrived;
    for (auto& [subject, payload] : server_.messages()) arrived.push_back({subject, std::nullopt, std::move(payload)});
    return arrived;
  }
  void take_far_side_down() override { server_.kill(); }
  std::string far_side_name() override { return server_.url(); }
  void restart_far_side() override {
    server_.kill();
    server_.start();
  }
  void freeze() override { server_.freeze(); }
  void thaw() override { server_.thaw(); }
  void reject_for_now() override { server_.limit_stream(1); }
  void take_again() override { server_.limit_stream(-1); }
  Delivery make_rejectable(Delivery delivery) override {
    return with_payload(std::move(delivery), std::string(NatsServer::largest_payload + 1, 'x'));
  }

 private:
  NatsServer server_;
  std::shared_ptr<const pbxbridge::SinkSettings> settings_;
};

const auto nats = harness_factory<NatsHarness>();

INSTANTIATE_TEST_SUITE_P(Nats, SinkConformance, testing::Values(nats));
INSTANTIATE_TEST_SUITE_P(Nats, SinkDownConformance, testing::Values(nats));
INSTANTIATE_TEST_SUITE_P(Nats, SinkFreezeConformance, testing::Values(nats));
INSTANTIATE_TEST_SUITE_P(Nats, SinkRestartConformance, testing::Values(nats));
INSTANTIATE_TEST_SUITE_P(Nats, SinkRetryConformance, testing::Values(nats));
INSTANTIATE_TEST_SUITE_P(Nats, SinkRejectConformance, testing::Values(nats));

}  // namespace
}  // namespace nats_sink
