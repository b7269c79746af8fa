#include "config/backoff_config.hpp"

#include "pbxbridge/config/schema.hpp"

namespace pbxbridge::config {

const Schema<BackoffConfig>& BackoffConfig::schema() {
  constexpr std::int64_t longest = 3'600'000;
  static const auto schema =
      Schema<BackoffConfig>(
          "Waits between attempts: a random time up to a bound that begins at `initial` and doubles up to "
          "`maximum`.")
          .field("initial", &BackoffConfig::initial, {.text = "First bound.", .minimum = 10, .maximum = longest})
          .field("maximum", &BackoffConfig::maximum, {.text = "Last bound.", .minimum = 10, .maximum = longest})
          .check({"initial", "maximum"}, [](const BackoffConfig& backoff, const WrittenKeys& written, Report& report) {
            if (backoff.initial > backoff.maximum)
              report.error(written.location(written.has("initial") ? "initial" : "maximum"),
                           "\"initial\" must not be longer than \"maximum\" (" + to_yaml(backoff.maximum) + ")");
          });
  return schema;
}

}  // namespace pbxbridge::config
