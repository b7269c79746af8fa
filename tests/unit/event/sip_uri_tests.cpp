#include "event/sip_uri.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace pbxbridge::event {
namespace {

std::string user(std::string_view address) {
  std::string buffer;
  return std::string(sip_user(address, buffer));
}

struct Address {
  std::string_view text;
  std::string_view user;
};

class SipUser : public testing::TestWithParam<Address> {};

TEST_P(SipUser, IsTheOneThatTheAddressNames) { EXPECT_EQ(user(GetParam().text), GetParam().user) << GetParam().text; }

// The examples of RFC 3261 section 19.1.3.
INSTANTIATE_TEST_SUITE_P(OfRfc3261, SipUser,
                         testing::Values(Address{"sip:alice@atlanta.com", "alice"},
                                         Address{"sip:alice:secretword@atlanta.com;transport=tcp", "alice"},
                                         Address{"sips:alice@atlanta.com?subject=project%20x&priority=urgent", "alice"},
                                         Address{"sip:+1-212-555-1212:1234@gateway.com;user=phone", "+1-212-555-1212"},
                                         Address{"sips:1212@gateway.com", "1212"},
                                         Address{"sip:alice@192.0.2.4", "alice"},
                                         Address{"sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", ""},
                                         Address{"sip:alice;day=tuesday@atlanta.com", "alice;day=tuesday"}));

INSTANTIATE_TEST_SUITE_P(
    OfNameAddresses, SipUser,
    testing::Values(Address{"<sip:103@h>", "103"}, Address{"\"Ada\" <sip:101@example.test>;tag=1", "101"},
                    Address{"Ada Lovelace <sip:101@example.test>", "101"}, Address{"\"<boss> Bob\" <sip:103@h>", "103"},
                    Address{R"("a \"<quoted>\" b" <sip:103@h>)", "103"}, Address{R"("ends in \\" <sip:103@h>)", "103"},
                    Address{"\"sip:9@x\" <sip:103@h>", "103"}, Address{"\"a, b\"<sip:103@h>", "103"},
                    Address{"\"a;b\" < sip:103@h >", "103"}, Address{"\"never closed <sip:103@h>", "103"},
                    Address{"<sip:103@h", "103"}, Address{"\"Ada\" sip:103@h", "103"}, Address{"\"103\"", "103"},
                    Address{"<sip:103@h;lr>;expires=3600", "103"}, Address{"<>", ""}));

INSTANTIATE_TEST_SUITE_P(
    OfUris, SipUser,
    testing::Values(Address{"SIP:101@example.test", "101"}, Address{"Sips:101@example.test:5061", "101"},
                    Address{"tel:+15550100", "+15550100"}, Address{"TEL:7042;phone-context=example.com", "7042"},
                    Address{"<tel:+4930123456>", "+4930123456"},
                    Address{"sip:+4930123;phone-context=example.com@h;user=phone", "+4930123"},
                    Address{"sip:7042;isub=1:pass@h", "7042"}, Address{"sip:101@[2001:db8::9:1]", "101"},
                    Address{"sip:101:pw@[2001:db8::1]:5060;transport=tcp", "101"}, Address{"sip:[2001:db8::1]", ""},
                    Address{"sip:192.0.2.4:5060", ""}, Address{"sip:@example.test", ""}, Address{"sip:", ""},
                    Address{"sip:101@h?x=1", "101"}, Address{"sip:101", "101"}, Address{"sip:101;transport=tls", "101"},
                    Address{"sip:*97@h", "*97"}));

INSTANTIATE_TEST_SUITE_P(OfOtherSchemes, SipUser,
                         testing::Values(Address{"im:bob@h", "bob"}, Address{"<PRES:103@h>", "103"},
                                         Address{"Bob <xmpp:bob@h/desk>", "bob"}, Address{"h323:103@h:1720", "103"},
                                         Address{"mailto:bob%2Bx@h?subject=a", "bob+x"}, Address{"callto:103", "103"},
                                         Address{"h323:+15550100;x=y", "+15550100"}, Address{"urn:service:sos", ""},
                                         Address{"alice:secretword@h", "alice"}));

INSTANTIATE_TEST_SUITE_P(OfEscapes, SipUser,
                         testing::Values(Address{"sip:%2B4930@h", "+4930"}, Address{"sip:%2b4930;isub=1@h", "+4930"},
                                         Address{"sip:al%40ice@h", "al@ice"}, Address{"sip:a%3Ab:pw@h", "a:b"},
                                         Address{"sip:100%@h", "100%"}, Address{"sip:%zz%4@h", "%zz%4"},
                                         Address{"tel:%2B4930", "+4930"}, Address{"%2B4930", "+4930"},
                                         Address{"sip:%C3%AB@h", "\xc3\xab"}));

INSTANTIATE_TEST_SUITE_P(OfBareTexts, SipUser,
                         testing::Values(Address{"101", "101"}, Address{" 101", "101"}, Address{"101\t\r\n", "101"},
                                         Address{"", ""}, Address{"  ", ""}, Address{" sip:101@h ", "101"},
                                         Address{"101@example.test", "101"}, Address{"+15550100", "+15550100"},
                                         Address{"john.doe", "john.doe"}, Address{"[::1]", ""},
                                         Address{"anonymous", "anonymous"}));

INSTANTIATE_TEST_SUITE_P(OfLists, SipUser,
                         testing::Values(Address{"sip:101@h, sip:102@h", "101"},
                                         Address{"<sip:101@h>,<sip:102@h>", "101"}, Address{"101,102", "101"},
                                         Address{"sip:101@h, \"B\" <sip:102@h>", "101"},
                                         Address{"\"A, B\" <sip:101@h>, <sip:102@h>", "101"},
                                         Address{"Smith, Bob <sip:103@h>", "103"}));

TEST(SipUserOfAnything, StaysWithinTheText) {
  std::mt19937 random(13);
  constexpr std::string_view alphabet = "\"<>\\,;:@%?[]. \t+2Bsipteltel:sip:ab1";
  for (int round = 0; round < 200'000; ++round) {
    std::string text(random() % 24, '\0');
    for (auto& character : text) character = alphabet[random() % alphabet.size()];
    ASSERT_LE(user(text).size(), text.size()) << text;
  }
}

}  // namespace
}  // namespace pbxbridge::event
