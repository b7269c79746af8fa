#include "text/log_text.hpp"
#include "text/secrets.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::text {
namespace {

TEST(LogText, HidesASecretBeforeItCuts) {
  remember_secret("tr0ub4dor&3");
  for (std::size_t before = 0; before < 220; ++before) {
    const std::string text = log_text(std::string(before, '.') + "tr0ub4dor&3 and more", 200);
    EXPECT_EQ(text.find("tr0u"), std::string::npos) << text;
    EXPECT_LE(text.size(), 203U);
  }
}

TEST(LogText, HidesOneThatLiesAcrossTheEndOfWhatIsRead) {
  remember_secret("tr0ub4dor&3");
  for (std::size_t before = 16'360; before < 16'400; ++before)
    EXPECT_EQ(log_text(std::string(before, '.') + "tr0ub4dor&3", 20'000).find("tr0u"), std::string::npos) << before;
}

TEST(LogText, LeavesTheEndOfAWholeTextThatASecretBeginsWith) {
  remember_secret("open-sesame");
  EXPECT_EQ(log_text("the spool in /var/spool/pbxbridge is open"), "the spool in /var/spool/pbxbridge is open");
  const std::string full = std::string(196, '.') + "open";
  EXPECT_EQ(log_text(full, 200), full) << "as long as is shown, and not cut";
  EXPECT_EQ(log_text("its answer: open", 200, Ending::cut_off), "its answer: [secret]");
}

TEST(LogText, IsOnePrintableLine) { EXPECT_EQ(log_text("a\nb\xe2\x80\xae\xff"), "a b ?"); }

}  // namespace
}  // namespace pbxbridge::text
