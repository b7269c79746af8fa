#include "examine/subjects.hpp"

#include "text/log_text.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace pbxbridge::examine {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_words = 500;

/// Findings of one subject on their way from its thread.
class Channel {
 public:
  void add(Finding finding) {
    const std::lock_guard lock(mutex_);
    findings_.push_back(std::move(finding));
    changed_.notify_one();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }

  /// Returns nothing where there is none more. `late` says that it may still have come.
  std::optional<Finding> next(Clock::time_point deadline, bool& late) {
    std::unique_lock lock(mutex_);
    late = !changed_.wait_until(lock, deadline, [this] { return ended_ || !findings_.empty(); });
    if (findings_.empty()) return std::nullopt;
    Finding finding = std::move(findings_.front());
    findings_.pop_front();
    return finding;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Finding> findings_;
  bool ended_ = false;
};

void examine(const Subject& subject, Channel& channel) {
  Findings findings(subject.name, [&channel](Finding finding) { channel.add(std::move(finding)); });
  try {
    subject.examine(findings);
  } catch (const std::exception& failure) {
    findings.error("examination", fmt::format("it failed: {}", failure.what()), "report it as a fault of pbxbridge");
  }
  channel.end();
}

Finding made_fit(Finding finding) {
  finding.step = text::log_text(finding.step, longest_words);
  finding.words = text::log_text(finding.words, longest_words);
  finding.remedy = text::log_text(finding.remedy, longest_words);
  return finding;
}

}  // namespace

void examine_subjects(const std::vector<Subject>& subjects, std::chrono::milliseconds limit,
                      const std::function<void(const Finding&)>& report) {
  const auto deadline = Clock::now() + limit;
  std::vector<std::shared_ptr<Channel>> channels;
  for (const Subject& subject : subjects) {
    channels.push_back(std::make_shared<Channel>());
    std::thread([subject, channel = channels.back()] { examine(subject, *channel); }).detach();
  }
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    bool late = false;
    while (auto finding = channels[i]->next(deadline, late)) report(made_fit(std::move(*finding)));
    if (late)
      report({subjects[i].name, "examination", FindingLevel::error,
              fmt::format("it has not ended within {} s, and is left unfinished",
                          std::chrono::duration_cast<std::chrono::seconds>(limit).count()),
              "look at what the last step was, and whether its peer still answers"});
  }
}

}  // namespace pbxbridge::examine
