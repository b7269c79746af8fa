// Telephones, what exists, and the time.

#include "model_property.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;

struct TelephoneWitness : Witness {
  bool cares_about(Family family) const override { return family == Family::cdr || family == Family::extension; }

  using Place = std::pair<std::string, std::string>;  ///< tenant and extension

  void see(const std::string& type, const json& event) override {
    const std::string tenant = event.at("tenant_id");
    if (type == "call_start") {
      const std::string caller = event.at("caller");
      if (caller.starts_with("sip:")) calling.insert({tenant, user_of(caller)});
    } else if (type == "cdr_target_ringing") {
      called.insert({tenant, user_of(event.at("destination"))});
    } else if (type == "extension_call") {
      const Place place{tenant, user_of(event.at("extension"))};
      const std::string now = event.at("call_status");
      const auto before = std::exchange(status[place], now);
      if (now == "RINGING") {
        EXPECT_EQ(before, "") << "a telephone rings that is idle";
        EXPECT_TRUE(called.erase(place)) << "a telephone rings for a call";
      } else if (now == "ON_CALL") {
        EXPECT_TRUE(before == "RINGING" || calling.erase(place)) << "it has answered, or has called";
      } else {
        EXPECT_TRUE(before == "RINGING" || before == "ON_CALL") << "it was busy";
      }
    }
  }

  std::map<Place, std::string> status;
  std::set<Place> calling, called;
};

TEST_P(ModelPropertyOf22, EachTelephoneThatIsBusyHasItsCall) {
  TelephoneWitness witness;
  run(witness);
}

struct ManagementWitness : Witness {
  bool cares_about(Family family) const override {
    return family == Family::extension_management || family == Family::queue_management || family == Family::extension;
  }

  void see(const std::string& type, const json& event) override {
    const auto name = [&](const char* key) {
      return event.at("tenant_id").get<std::string>() + "/" + event.at(key).get<std::string>();
    };
    if (type == "extension_created") {
      EXPECT_TRUE(extensions.insert(name("extension_number")).second);
    } else if (type == "extension_updated") {
      EXPECT_TRUE(extensions.contains(name("extension_number")));
    } else if (type == "extension_destroyed") {
      EXPECT_TRUE(extensions.erase(name("extension_number")));
    } else if (type == "queue_created") {
      EXPECT_TRUE(queues.insert(name("queue_number")).second);
    } else if (type == "queue_updated") {
      EXPECT_TRUE(queues.contains(name("queue_number")));
    } else if (type == "queue_destroy") {
      EXPECT_TRUE(queues.erase(name("queue_number")));
    } else if (event.contains("extension")) {
      EXPECT_TRUE(extensions.contains(event.at("tenant_id").get<std::string>() + "/" + user_of(event.at("extension"))));
    }
  }

  std::set<std::string> extensions, queues;
};

TEST_P(ModelPropertyOf22, NothingIsSaidOfWhatDoesNotExist) {
  ManagementWitness witness;
  for (const auto& tenant : world_.tenants) {
    for (const auto& extension : tenant.extensions) witness.extensions.insert(tenant.id + "/" + extension->number);
    for (const auto& queue : tenant.queues) witness.queues.insert(tenant.id + "/" + queue->number());
  }
  run(witness);
}

TEST_P(ModelProperty, TimeNeverGoesBack) {
  constexpr std::string_view key = R"("time":")";
  std::int64_t latest = 0;
  for (int i = 0; i < events_of_a_run; ++i) {
    const auto event = model_.next();
    const auto place = event->text.find(key);
    if (place == event->text.npos) continue;
    const auto time = std::stoll(event->text.substr(place + key.size(), 10));
    ASSERT_GE(time, latest) << event->text;
    latest = time;
  }
  EXPECT_GT(latest, unix_seconds(start_of_a_run));
}

const PropertySetting version_22{"Version22", Dialect::v22, {}};
const PropertySetting version_16{"Version16", Dialect::v16, {}};
const Scale large{.tenants = 1, .extensions = 10'000, .queues = 900};
const PropertySetting large_version_22{"LargeVersion22", Dialect::v22, large};
const PropertySetting large_version_16{"LargeVersion16", Dialect::v16, large};

std::string name_of(const ::testing::TestParamInfo<PropertySetting>& info) { return std::string(info.param.name); }

INSTANTIATE_TEST_SUITE_P(Of, ModelProperty,
                         ::testing::Values(version_22, large_version_22, version_16, large_version_16), name_of);
INSTANTIATE_TEST_SUITE_P(Of, ModelPropertyOf22, ::testing::Values(version_22, large_version_22), name_of);
INSTANTIATE_TEST_SUITE_P(Of, ModelPropertyOf16, ::testing::Values(version_16, large_version_16), name_of);

}  // namespace
}  // namespace pbxbridge::sim
