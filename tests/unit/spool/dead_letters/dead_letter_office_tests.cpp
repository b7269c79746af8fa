#include "numbered_events.hpp"
#include "spool/dead_letters/dead_letter_office.hpp"
#include "spool/log/commit_thread.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace pbxbridge::spool {
namespace {

class SilentListener final : public CommitListener {
 public:
  void committed(std::vector<EventPtr>, std::uint64_t, std::chrono::nanoseconds) override {}
  void room() override {}
  void disk_full(const Error&, bool) override {}
  void denied(const Error&) override {}
  void write_failed(const Error&) override {}
  void files_removed(const Error&) override {}
  void reopened(ReopenedStore) override {}
  void recovered() override {}
  void failed_for_good(const Error&, std::uint64_t, bool) override {}
  void letters_dropped(const std::string&, std::uint64_t) override {}
};

/// One letter of the sink lake, and a commit thread that can be kept from writing.
class DeadLetterOfficeTest : public testing::Test {
 protected:
  DeadLetterOfficeTest() {
    {
      StoreWriter writer(directory_.path());
      Commit commit = writer.commit_of(0, 1);
      commit.letters.emplace_back("lake", DeadLetter{.event = commit.events.front(), .topic = "calls"});
      writer.write(std::move(commit));
    }
    slot_.store = open_store(directory_.path());
    watch_.emplace(directory_.path(), std::move(SpoolLock::take(directory_.path()).value()));
    commit_thread_.emplace(CommitThread::Settings{.directory = directory_.path()}, *watch_, slot_, commits_, listener_);
    office_.emplace(io_, slot_, reader_, commits_, [this] { ++redriven_; });
  }
  ~DeadLetterOfficeTest() override { let_write(); }

  void keep_from_writing() {
    std::promise<void> begun;
    commits_.run_on_store([&begun, held = release_.get_future().share()](BatchStore*) {
      begun.set_value();
      held.wait();
    });
    begun.get_future().wait();
  }
  void let_write() {
    if (!std::exchange(released_, true)) release_.set_value();
  }
  void redrive() {
    office_->redrive("lake", "", [this](const Result<std::uint64_t>& letters) { answers_.push_back(letters); });
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
    return condition();
  }

  const test::TemporaryDirectory directory_;
  const Error full_{ErrorCategory::storage, "the disk is full"};
  boost::asio::io_context io_;
  SilentListener listener_;
  std::optional<StoreWatch> watch_;
  StoreSlot slot_;
  DiskReader reader_{slot_};
  std::promise<void> release_;
  bool released_ = false;
  CommitQueue commits_{0};
  std::optional<CommitThread> commit_thread_;
  std::optional<DeadLetterOffice> office_;
  std::vector<Result<std::uint64_t>> answers_;
  int redriven_ = 0;
};

TEST_F(DeadLetterOfficeTest, SaysHowManyLettersItHasChanged) {
  redrive();
  ASSERT_TRUE(run_until([&] { return !answers_.empty(); }));
  EXPECT_EQ(answers_[0].value(), 1U);
  EXPECT_EQ(redriven_, 1);
}

TEST_F(DeadLetterOfficeTest, DoesNotWaitForTheDiskAndSaysWhenALetterIsThere) {
  redrive();
  ASSERT_TRUE(run_until([&] { return !answers_.empty(); }));
  {
    const std::unique_lock no_reads(slot_.mutex);
    EXPECT_TRUE(office_->take_redriven("lake").empty());
    EXPECT_TRUE(office_->take_redriven("lake").empty()) << "and is not read twice";
  }
  ASSERT_TRUE(run_until([&] { return redriven_ == 2; }));
  EXPECT_EQ(office_->take_redriven("lake").size(), 1U);
  ASSERT_TRUE(run_until([&] { return !office_->is_reading("lake"); }));
  EXPECT_TRUE(office_->take_redriven("lake").empty());
}

TEST_F(DeadLetterOfficeTest, WhileThereIsNoStoreALetterWaits) {
  redrive();
  ASSERT_TRUE(run_until([&] { return !answers_.empty(); }));
  auto store = std::exchange(slot_.store, nullptr);
  EXPECT_TRUE(office_->take_redriven("lake").empty());
  ASSERT_TRUE(run_until([&] { return !office_->is_reading("lake"); }));
  slot_.store = std::move(store);
  EXPECT_TRUE(office_->take_redriven("lake").empty());
  ASSERT_TRUE(run_until([&] { return redriven_ == 2; }));
  EXPECT_EQ(office_->take_redriven("lake").size(), 1U);
}

TEST_F(DeadLetterOfficeTest, ALetterThatIsDroppedBeforeItIsTakenIsNotDelivered) {
  redrive();
  ASSERT_TRUE(run_until([&] { return !answers_.empty(); }));
  EXPECT_TRUE(office_->take_redriven("lake").empty());
  ASSERT_TRUE(run_until([&] { return redriven_ == 2; }));
  office_->drop("lake", "", [this](const Result<std::uint64_t>& letters) { answers_.push_back(letters); });
  ASSERT_TRUE(run_until([&] { return answers_.size() == 2; }));
  EXPECT_EQ(answers_[1].value(), 1U);
  EXPECT_TRUE(office_->take_redriven("lake").empty());
  ASSERT_TRUE(run_until([&] { return !office_->is_reading("lake"); }));
  EXPECT_TRUE(office_->take_redriven("lake").empty());
}

TEST_F(DeadLetterOfficeTest, RejectsAtOnceWhileNothingCanBeWritten) {
  office_->reject_changes(full_);
  redrive();
  ASSERT_EQ(answers_.size(), 1U) << "not later";
  EXPECT_EQ(answers_[0].error().text, full_.text);
  office_->take_changes();
  redrive();
  ASSERT_TRUE(run_until([&] { return answers_.size() == 2; }));
  EXPECT_EQ(answers_[1].value(), 1U);
}

TEST_F(DeadLetterOfficeTest, WhatWasRejectedWhileItWaitedIsNotDoneLater) {
  keep_from_writing();
  redrive();
  office_->drop("lake", "", [this](const Result<std::uint64_t>& letters) { answers_.push_back(letters); });
  office_->reject_changes(full_);
  ASSERT_EQ(answers_.size(), 2U);
  for (const auto& answer : answers_) EXPECT_EQ(answer.error().text, full_.text);
  office_->reject_changes(full_);
  let_write();
  bool written = false;
  commits_.flush([&written, this] { boost::asio::post(io_, [&written] { written = true; }); });
  ASSERT_TRUE(run_until([&] { return written; }));
  EXPECT_EQ(answers_.size(), 2U) << "each is answered once";
  EXPECT_EQ(office_->counts()["lake"].letters, 1U);
  EXPECT_TRUE(office_->take_redriven("lake").empty());
  ASSERT_TRUE(run_until([&] { return !office_->is_reading("lake"); }));
  EXPECT_TRUE(office_->take_redriven("lake").empty());
}

}  // namespace
}  // namespace pbxbridge::spool
