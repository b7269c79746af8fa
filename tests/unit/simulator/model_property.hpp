#pragma once

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/model/scale.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

inline constexpr int events_of_a_run = 100'000;
inline const Time start_of_a_run = time_of_seconds(1764000000);

/// A number, or a text of digits.
inline std::int64_t number(const nlohmann::json& value) {
  return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<std::int64_t>();
}

/// `101` of `sip:101@example.test`.
inline std::string user_of(std::string address) {
  if (address.starts_with("sip:")) address.erase(0, 4);
  return address.substr(0, address.find('@'));
}

/// A client that follows everything.
class Witness {
 public:
  virtual ~Witness() = default;
  virtual bool cares_about(Family family) const = 0;
  virtual void see(const std::string& type, const nlohmann::json& event) = 0;
};

struct PropertySetting {
  std::string_view name;
  Dialect dialect = Dialect::v22;
  Scale scale;  ///< empty: the tenants that are built in

  bool is_large() const { return scale.extensions.has_value(); }
};

inline void PrintTo(const PropertySetting& setting, std::ostream* stream) { *stream << setting.name; }

/// Properties that hold for so many events of the model, whatever the seed: a client that reads nothing but the events
/// can account for each of them.
class ModelProperty : public ::testing::TestWithParam<PropertySetting> {
 protected:
  void run(Witness& witness) {
    for (int i = 0; i < events_of_a_run; ++i) {
      const auto event = model_.next();
      show(witness, *event);
      if (HasFailure()) FAIL() << "at event " << i << ": " << event->text;
    }
  }

  /// Runs on to the last event of the same time.
  void run_to_the_end_of_the_moment(Witness& witness) {
    while (const auto event = model_.next_of_this_moment()) show(witness, *event);
  }

  World world_{tenants()};
  Model model_{world_, 2026, start_of_a_run, GetParam().dialect};

 private:
  static std::vector<TenantPlan> tenants() {
    auto installation = default_installation();
    scale(installation, GetParam().scale);
    return installation.tenants;
  }

  static void show(Witness& witness, const Event& event) {
    if (!witness.cares_about(event.facts.family)) return;
    ASSERT_NO_THROW(witness.see(event.facts.event_type, nlohmann::json::parse(event.text))) << event.text;
  }
};

/// Properties of events that one version has alone.
class ModelPropertyOf22 : public ModelProperty {};
class ModelPropertyOf16 : public ModelProperty {};

}  // namespace pbxbridge::sim
