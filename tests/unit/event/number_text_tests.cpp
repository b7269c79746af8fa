#include "event/number_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace pbxbridge::event {
namespace {

std::string written(std::string_view token) {
  std::string buffer;
  return std::string(number_text(token, buffer));
}

TEST(NumberText, OfAWholeNumberIsItsDigitsInAnyForm) {
  EXPECT_EQ(written("100000.0"), "100000");
  EXPECT_EQ(written("1e5"), "100000");
  EXPECT_EQ(written("1E+05"), "100000");
  EXPECT_EQ(written("1.764e9"), "1764000000");
  EXPECT_EQ(written("1764000000.000"), "1764000000");
  EXPECT_EQ(written("17640000000e-1"), "1764000000");
  EXPECT_EQ(written("0.5e1"), "5");
  EXPECT_EQ(written("0.00e7"), "0");
  EXPECT_EQ(written("-0.0"), "0");
  EXPECT_EQ(written("-1e2"), "-100");
  EXPECT_EQ(written("7"), "7");
}

TEST(NumberText, IsExactBeyond53Bits) {
  EXPECT_EQ(written("123456789012345678901.0"), "123456789012345678901");
  EXPECT_EQ(written("9007199254740993.0"), "9007199254740993");
  EXPECT_EQ(written("1.8446744073709551617e19"), "18446744073709551617");
  EXPECT_EQ(written("1e63"), "1" + std::string(63, '0'));
}

TEST(NumberText, OfAnotherNumberIsItself) {
  EXPECT_EQ(written("1.50"), "1.50");
  EXPECT_EQ(written("1.5e-3"), "1.5e-3");
  EXPECT_EQ(written("1e64"), "1e64");
  EXPECT_EQ(written("1e999999999999999999999"), "1e999999999999999999999");
  EXPECT_EQ(written("1e-999999999999999999999"), "1e-999999999999999999999");
}

TEST(WholePart, IsReadFromEachFormOfANumber) {
  EXPECT_EQ(whole_part("1764000000"), 1764000000);
  EXPECT_EQ(whole_part("1764000000.75"), 1764000000);
  EXPECT_EQ(whole_part("1.764e9"), 1764000000);
  EXPECT_EQ(whole_part("1.7640000005e9"), 1764000000);
  EXPECT_EQ(whole_part("17640000005e-1"), 1764000000);
  EXPECT_EQ(whole_part("0.5"), 0);
  EXPECT_EQ(whole_part("5e-999999999999"), 0);
  EXPECT_EQ(whole_part("0e999999999999"), 0);
  EXPECT_EQ(whole_part("999999999999999999"), 999999999999999999);
}

TEST(WholePart, IsNothingForWhatIsNoneOrDoesNotFit) {
  for (const std::string_view text : {"",         "-",
                                      "-5",       "+5",
                                      " 5",       "5 ",
                                      "5.",       ".5",
                                      "5e",       "5e+",
                                      "0x5",      "NaN",
                                      "nan",      "inf",
                                      "Infinity", "1e999999999999",
                                      "1e19",     "10000000000000000000",
                                      "5,0",      "5.0.0",
                                      "5e1.0"})
    EXPECT_EQ(whole_part(text), std::nullopt) << text;
}

}  // namespace
}  // namespace pbxbridge::event
