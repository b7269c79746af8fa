#include "url/endpoint.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace pbxbridge::url {
namespace {

TEST(Endpoint, HoldsSchemeHostPortAndTarget) {
  EXPECT_EQ(parse_endpoint("wss://pbx.example.com:8887/wsi?a=b").value(),
            (Endpoint{"wss", "pbx.example.com", 8887, "/wsi?a=b"}));
}

TEST(Endpoint, HasATargetWhereTheUrlHasNoPath) {
  EXPECT_EQ(parse_endpoint("wss://pbx.example.com:8885").value().target, "/");
}

TEST(Endpoint, LowersTheScheme) { EXPECT_EQ(parse_endpoint("WSS://pbx/").value().scheme, "wss"); }

TEST(Endpoint, TakesAnIpv6AddressWithoutItsBrackets) {
  const auto endpoint = parse_endpoint("ws://[::1]:8887/wsi").value();
  EXPECT_EQ(endpoint.host, "::1");
  EXPECT_EQ(authority(endpoint), "[::1]:8887");
}

TEST(HostAndPort, HasAnIpv6AddressInBrackets) {
  EXPECT_EQ(host_and_port("::1", 9092), "[::1]:9092");
  EXPECT_EQ(host_and_port("kafka", 9092), "kafka:9092");
}

TEST(Endpoint, KeepsANameThatBeginsLikeAnAddressWhole) {
  for (const std::string host :
       {"10.0.0.1.nip.io", "127.0.0.1.example", "1.2.3.4-pbx", "3cx.example", "1.2.3", "1.2.3.4"})
    for (const std::string port : {"", ":8887"})
      for (const std::string target : {"", "/wsi", "/1.2.3.4/x?y"}) {
        const std::string url = "wss://" + host + port + target;
        EXPECT_EQ(
            parse_endpoint(url).value(),
            (Endpoint{"wss", host, static_cast<std::uint16_t>(port.empty() ? 0 : 8887), target.empty() ? "/" : target}))
            << url;
      }
  EXPECT_FALSE(parse_endpoint("wss://1.2.3.4user:open-sesame@pbx/"));
}

TEST(Endpoint, LeavesThePortOutWhereThereIsNone) {
  EXPECT_EQ(authority(parse_endpoint("wss://pbx.example.com/wsi").value()), "pbx.example.com");
}

TEST(Endpoint, RejectsWhatIsNoUrl) {
  for (const char* text : {"", "pbx.example.com", "pbx.example.com:8887", "wss://", "wss://a b/", "wss://pbx:0/", "w:|",
                           "w:\xea", "ws://h|", "ws://\xc3\xa4/", "ws://h/ ", "wss://pbx:99999/", "wss:///wsi"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

// Decoded, such a host could break out of a request's line.
TEST(Endpoint, RejectsAHostThatIsNeitherNameNorAddress) {
  for (const char* text : {"ws://h%0d%0aX-Header:1/", "ws://h%00/", "ws://%2f/", "ws://h%41/", "ws://[v1.a]/"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(Endpoint, RejectsCredentialsWithoutRepeatingThem) {
  const auto endpoint = parse_endpoint("wss://bridge:hunter2@pbx/");
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error().text.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace pbxbridge::url
