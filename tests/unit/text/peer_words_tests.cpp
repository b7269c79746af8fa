#include "text/peer_words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::text {
namespace {

TEST(PeerLogText, HidesNumbersAsLongAsAPhones) {
  for (const std::string number : {"4915112345678", "+4915112345678", "+49 151 12345678", "+49 (151) 123-456-78",
                                   "0151.12345678", "49_151_1234_5678", "49|151|123|456|78", "0151/12 34 56 78",
                                   "0151\xc2\xa0"
                                   "123456",
                                   "123456"})
    EXPECT_EQ(peer_log_text("extension " + number + " is not yours"), "extension (a number) is not yours") << number;
}

TEST(PeerLogText, KeepsShortNumbersAndAddresses) {
  for (const std::string words : {"status -1: extension 8001, 8002 (code 403)", "127.0.0.1:9000 has closed",
                                  "ipv4#10.20.30.40:50000 (403)", "12345", "wss://pbx.example:8887/wsi"})
    EXPECT_EQ(peer_log_text(words), words);
  EXPECT_EQ(peer_log_text("12.34.56.78 is banned"), "(a number) is banned") << "without a port it may be a phone's";
}

TEST(PeerLogText, HidesANumberBeforeItCuts) {
  for (std::size_t before = 180; before < 200; ++before)
    EXPECT_EQ(peer_log_text(std::string(before, '-') + "x4915112345678", 200).find("49"), std::string::npos) << before;
}

TEST(PeerLogText, HidesJsonAndSecrets) {
  remember_secret("hunter2");
  EXPECT_EQ(peer_log_text(R"(hunter2 in {"name":"Ada"})"), "[secret] in (JSON)");
}

TEST(WithPeerLogText, AddsWordsWithoutWhatMayBeOfAPerson) {
  EXPECT_EQ(with_peer_log_text("it closed the channel", "no queue 4915112345678\x1b[31m"),
            "it closed the channel; reported: \"no queue (a number) [31m\"");
  EXPECT_EQ(with_peer_log_text("it closed the channel", ""), "it closed the channel");
}

TEST(WithoutHidden, LeavesNothingOfPartsThatOverlap) {
  HiddenParts parts;
  hide_all("calls/4930/Bob and 4930", "4930/Bob", "B", parts);
  hide_all("calls/4930/Bob and 4930", "calls/4930", "A", parts);
  hide_all("calls/4930/Bob and 4930", "4930", "C", parts);
  EXPECT_EQ(without_hidden("calls/4930/Bob and 4930", parts), "A and C");
  EXPECT_EQ(without_hidden("", {}), "");
}

}  // namespace
}  // namespace pbxbridge::text
