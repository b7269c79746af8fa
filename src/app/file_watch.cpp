#include "app/file_watch.hpp"

#include "config/schema/bounded_wait.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::milliseconds look_interval{500};

/// Distinguishes a file from another one under the same path. Empty: its file system did not answer, so that whatever
/// is found later counts as another one.
using Mark = std::string;
using Marks = std::map<std::string, Mark>;

Mark mark_of(const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return "none";
  return fmt::format("{} {} {} {}.{} {}.{}", found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
                     found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
}

/// Waits for no file system that does not answer.
Mark first_mark_of(const std::string& file) {
  static const config::BoundedWait patience(std::chrono::milliseconds(500));
  const auto mark = patience.wait_for(file, [file] { return Result<std::string>(mark_of(file)); });
  return mark && *mark ? **mark : Mark();
}

Marks marks_of(const Marks& of) {
  Marks marks;
  for (const auto& [file, mark] : of) marks.emplace(file, mark_of(file));
  return marks;
}

/// Compares those in `marks` that `now` has as well.
bool is_same(const Marks& marks, const Marks& now) {
  for (const auto& [file, mark] : marks)
    if (const auto found = now.find(file); found != now.end() && found->second != mark) return false;
  return true;
}

}  // namespace

struct FileWatch::State {
  std::function<void()> changed;
  std::mutex mutex;
  std::condition_variable ended;
  bool over = false;  // under mutex, as the following
  Marks known;        // as they were when `changed` was called last

  bool knows(const std::string& file) {
    const std::lock_guard lock(mutex);
    return known.contains(file);
  }

  /// The mutex is never held while a file system is asked.
  void run() {
    Marks before;
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, look_interval, [this] { return over; })) {
      const Marks asked = known;
      lock.unlock();
      Marks now = marks_of(asked);
      const bool is_at_rest = is_same(before, now);
      before = now;
      lock.lock();
      if (over || !is_at_rest || is_same(known, now)) continue;
      for (auto& [file, mark] : known)
        if (const auto found = now.find(file); found != now.end()) mark = found->second;
      changed();
    }
  }
};

FileWatch::FileWatch(std::function<void()> changed) : state_(std::make_shared<State>()) {
  state_->changed = std::move(changed);
  std::thread([state = state_] { state->run(); }).detach();
}

FileWatch::~FileWatch() {
  const std::lock_guard lock(state_->mutex);
  state_->over = true;
  state_->ended.notify_one();
}

void FileWatch::watch(const FileNames& files) {
  Marks added;
  for (const std::string& file : files)
    if (!state_->knows(file)) added.emplace(file, first_mark_of(file));
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->known, [&files](const auto& known) { return !files.contains(known.first); });
  state_->known.merge(std::move(added));
}

}  // namespace pbxbridge::app
