#include "event/event_types.hpp"
#include "event/payload_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace pbxbridge::event {
namespace {

TEST(PayloadFields, HoldThoseOfTheVendorsSamples) {
  const auto folder = std::filesystem::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/support/events";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto names = payload_fields(file.path().stem().string());
    const auto sample = nlohmann::json::parse(std::ifstream(file.path()));
    for (const auto& [name, value] : sample.items()) EXPECT_THAT(names, testing::Contains(name)) << file.path();
  }
}

TEST(PayloadFields, AreOfKnownTypes) {
  std::size_t known = 0;
  for (const auto& type : event_types())
    if (!payload_fields(type.name).empty()) ++known;
  EXPECT_EQ(known, 23U);
  EXPECT_TRUE(payload_fields("brand_new").empty());
  EXPECT_TRUE(payload_fields("call_hold").empty()) << "the vendor shows none";
}

}  // namespace
}  // namespace pbxbridge::event
