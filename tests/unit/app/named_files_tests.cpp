#include "app/named_files.hpp"
#include "pbxbridge/config/document.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace pbxbridge::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

FileNames names_in(const std::string& text) {
  config::Report report;
  const auto document = config::parse_document(text, report);
  return named_files(*document, text);
}

TEST(NamedFiles, AreSecretsCertificatesAndLibrdkafkasLocations) {
  EXPECT_THAT(names_in("pbx:\n  - { auth: { password_file: /s/password }, tls: { ca_file: /c/ca.pem } }\n"
                       "sinks:\n  lake: { options: { ssl.ca.location: /k/ca.pem, client.id: /no/file } }\n"
                       "  out: { type: file, path: /var/log/out }\n"),
              ElementsAre("/c/ca.pem", "/k/ca.pem", "/s/password"));
}

TEST(NamedFiles, AreThoseOfSubstitutionsToo) {
  const std::string text = "a: ${file:/one} and ${file:/two}\nb: ${file:/open\n";
  config::Report report;
  EXPECT_THAT(named_files(*config::parse_document("a: 1", report), text), ElementsAre("/one", "/two"));
}

TEST(NamedFiles, AreComparedByWhatTheyHold) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory / "secret").string();
  std::ofstream(file) << "one";
  const auto before = contents_of({file});
  EXPECT_EQ(before.size(), 1U);
  std::filesystem::rename(file, directory / "moved");
  std::ofstream(file) << "one";
  EXPECT_EQ(contents_of({file}), before) << "another file with the same content";
  std::ofstream(file) << "two";
  EXPECT_NE(contents_of({file}), before);
}

TEST(NamedFiles, WhatCannotBeReadIsLeftOut) {
  const test::TemporaryDirectory directory;
  const std::string pipe = (directory / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(contents_of({pipe, directory.path().string(), (directory / "missing").string()}), IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::app
