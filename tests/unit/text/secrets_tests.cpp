#include "text/secrets.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

namespace pbxbridge::text {
namespace {

std::string base64(const std::string& bytes) {
  std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.pop_back();
  return encoded;
}

TEST(WithoutSecrets, HidesEachOccurrence) {
  remember_secret("hunter2");
  EXPECT_EQ(without_secrets("bad password hunter2, not hunter2!"), "bad password [secret], not [secret]!");
  EXPECT_EQ(without_secrets("hunter2hunter2"), "[secret][secret]");
  EXPECT_EQ(without_secrets("nothing to hide"), "nothing to hide");
  EXPECT_EQ(without_secrets(""), "");
}

TEST(WithoutSecrets, HidesWhatIsEncoded) {
  remember_secret("p\"s/w \xc3\xb6+%41x");
  EXPECT_EQ(without_secrets("plain p\"s/w \xc3\xb6+%41x."), "plain [secret].");
  EXPECT_EQ(without_secrets(R"({"password":"p\"s\/w \u00f6+%41x"})"), R"({"password":"[secret]"})");
  EXPECT_EQ(without_secrets("?password=p%22s%2Fw%20%C3%B6%2B%2541x&a=b"), "?password=[secret]&a=b");
  EXPECT_EQ(without_secrets("?password=p%22s%2fw+%c3%b6%2b%2541x&a=b"), "?password=[secret]&a=b");
  EXPECT_EQ(without_secrets("<p>p&quot;s/w &#246;+%41x</p>"), "<p>[secret]</p>");
  EXPECT_EQ(without_secrets("7022732f7720c3b62b25343178"), "[secret]");
}

TEST(WithoutSecrets, HidesTheWholeOfABase64TextThatHoldsOne) {
  remember_secret("correct horse");
  for (const std::string before : {"", "a", "ab", "abc", "user:"})
    for (const std::string after : {"", "x", "xy", "xyz"})
      EXPECT_EQ(without_secrets("Authorization: Basic " + base64(before + "correct horse" + after) + " rejected"),
                "Authorization: Basic [secret] rejected")
          << before << after;
}

std::string wrapped(const std::string& text, std::size_t width, const std::string& line_break) {
  std::string lines;
  for (std::size_t at = 0; at < text.size(); at += width)
    (lines += at == 0 ? "" : line_break) += text.substr(at, width);
  return lines;
}

TEST(WithoutSecrets, HidesBase64ThatIsWrapped) {
  remember_secret("a wrapped horse battery staple");
  for (const std::string before : {"", "a", "ab", "user:"})
    for (const std::size_t width : {7U, 16U, 76U})
      for (const std::string line_break : {"\r\n", "\n", " ", "\r\n\t", "\\r\\n", "%0D%0A", "&#10;"}) {
        const std::string encoded = wrapped(base64(before + "a wrapped horse battery staple"), width, line_break);
        const std::string shown =
            without_secrets("the credentials: " + encoded + ", which it rejects", Ending::not_known);
        EXPECT_TRUE(shown.starts_with("the credentials: ")) << shown;
        EXPECT_TRUE(shown.ends_with("[secret], which it rejects")) << shown;
        EXPECT_LE(shown.size(), std::string("the credentials: user:us, [secret], which it rejects").size()) << shown;
      }
  EXPECT_EQ(without_secrets("6120777261 70706564 20686f72736520 62617474657279 20737461706c65 is it"),
            "[secret] is it");
}

TEST(WithoutSecrets, HidesTheBeginningOfBase64ThatIsWrapped) {
  remember_secret("another wrapped horse");
  const std::string encoded = wrapped(base64("another wrapped horse").substr(0, 20), 8, "\r\n");
  EXPECT_EQ(without_secrets("rejected: " + encoded), "rejected: [secret]");
}

TEST(WithoutSecrets, HidesBase64WhoseDigitsAreEscaped) {
  remember_secret("\xfb\xff\xfe\xfb\xff\xbf");  // +//++/+/
  EXPECT_EQ(without_secrets(R"({"auth":"+\/\/++\/+\/"})"), R"({"auth":"[secret]"})");
  EXPECT_EQ(without_secrets("auth:%2B%2F%2F%2B%2B%2F%2B%2F"), "auth:[secret]");
}

TEST(WithoutSecrets, HidesHalfOfOneAtTheEnd) {
  remember_secret("a-very-long-password");
  EXPECT_EQ(without_secrets("bad: a-very-long-passwor"), "bad: [secret]");
  EXPECT_EQ(without_secrets("bad: a-very-lon"), "bad: [secret]");
  EXPECT_EQ(without_secrets("bad: a-very-lon..."), "bad: [secret]...");
  EXPECT_EQ(without_secrets("bad: a-very-lon\"}"), "bad: [secret]\"}");
  EXPECT_EQ(without_secrets("bad: a%2Dvery%2Dlon"), "bad: [secret]");
  EXPECT_EQ(without_secrets("bad: a-very-lo"), "bad: a-very-lo") << "less than half";
  EXPECT_EQ(without_secrets("a-very-lon is bad"), "a-very-lon is bad") << "not at the end";
}

TEST(WithoutSecrets, LeavesWordsThatASecretBeginsWith) {
  for (const std::string secret : {"open-sesame", "close2", "passed", "connectionless-user", "timed-out-token"})
    remember_secret(secret);
  for (const std::string words : {"the spool in /var/spool is open", "the connection is open...", "the door will close",
                                  "the test was passe", "it lost the connect", "it has timed-", "\"open\"}"})
    EXPECT_EQ(without_secrets(words), words);
}

TEST(WithoutSecrets, HidesFourBytesOfOneWhereTheTextIsCutOff) {
  remember_secret("open-sesame");
  EXPECT_EQ(without_secrets("bad: open", Ending::cut_off), "bad: [secret]");
  EXPECT_EQ(without_secrets("bad: open-sesam", Ending::cut_off), "bad: [secret]");
  EXPECT_EQ(without_secrets("bad: ope", Ending::cut_off), "bad: ope");
  EXPECT_EQ(without_secrets("it is open: no", Ending::cut_off), "it is open: no");
}

TEST(WithoutSecrets, HidesThePartOfOneThatIsEncodedAndCut) {
  remember_secret("correct horse");
  const std::string whole = base64("user:correct horse");
  for (std::size_t size = base64("user:correct h").size(); size < whole.size(); ++size)
    EXPECT_EQ(without_secrets("rejected Basic " + whole.substr(0, size)), "rejected Basic [secret]") << size;
  EXPECT_EQ(without_secrets("rejected Basic " + whole.substr(0, base64("user:correct").size()), Ending::cut_off),
            "rejected Basic [secret]");
  EXPECT_EQ(without_secrets("rejected 636f727265637420686f"), "rejected [secret]");
}

TEST(WithoutSecrets, HidesOneThatIsDisguised) {
  remember_secret("Zq7hunter2Xy");
  for (const std::string disguised : {"zq7hunter2xy", "ZQ7HUNTER2XY", "Zq7hu\nnter2Xy", "Z q 7 h u n t e r 2 X y",
                                      "Zq7\u200bhunter\u00ad2Xy", "Zq7hunter2\\u0058Y"})
    EXPECT_EQ(without_secrets("bad (" + disguised + ") there"), "bad ([secret]) there") << disguised;
  std::string utf16;
  for (const char each : std::string("Zq7hunter2Xy")) (utf16 += each) += '\0';
  EXPECT_EQ(without_secrets("bad: " + utf16 + "!"), std::string("bad: [secret]\0!", 15));
  EXPECT_EQ(without_secrets("bad: ***hunter2Xy, Zq7hun***** or #####r2Xy."),
            "bad: ***[secret], [secret]***** or #####[secret].");
  EXPECT_EQ(without_secrets("bad: ...hunter2Xy"), "bad: ...[secret]");
}

TEST(WithoutSecrets, LeavesWordsBehindDotsThatASecretEndsWith) {
  remember_secret("door-is-open");
  EXPECT_EQ(without_secrets("the connection... open now"), "the connection... open now");
  EXPECT_EQ(without_secrets("the connection...open now"), "the connection...open now");
}

TEST(WithoutSecrets, TakesAShortOneForAWordOnly) {
  remember_secret("ab");
  EXPECT_EQ(without_secrets("about ab, cab"), "about [secret], cab");
}

TEST(WithoutSecrets, HidesThePasswordOfAnyUrl) {
  EXPECT_EQ(without_secrets("moved to wss://admin:s3cr3t@pbx.example:8887/wsi?x"),
            "moved to wss://admin:[secret]@pbx.example:8887/wsi?x");
  EXPECT_EQ(without_secrets("http://host:80/a@b"), "http://host:80/a@b");
  EXPECT_EQ(without_secrets("sip://user@host"), "sip://user@host");
}

TEST(WithoutSecrets, KnowsAllThatItWasTold) {
  remember_secret("first-secret");
  remember_secret("second-secret");
  remember_secret("first-secret");
  EXPECT_EQ(without_secrets("first-secret second-secret"), "[secret] [secret]");
  remember_secret("first-secret-and-more");
  EXPECT_EQ(without_secrets("first-secret-and-more"), "[secret]");
}

TEST(Tokens, AreKnownUntilEightOthersHaveFollowed) {
  const auto token = [](int number) { return "token-of-hour-" + std::to_string(number); };
  for (int number = 10; number < 18; ++number) remember_token(token(number));
  remember_token(token(10));  // once more, which is no other
  EXPECT_EQ(without_secrets("signed by an unknown key: " + token(10)), "signed by an unknown key: [secret]");
  remember_token(token(18));
  EXPECT_EQ(without_secrets(token(11)), "[secret]");
  EXPECT_EQ(without_secrets("it was " + token(10) + ", long ago"), "it was " + token(10) + ", long ago");
}

}  // namespace
}  // namespace pbxbridge::text
