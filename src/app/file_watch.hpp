#pragma once

#include "app/named_files.hpp"

#include <functional>
#include <memory>

namespace pbxbridge::app {

/// Notices within 1.5 s that other files stand under certain paths, or other content: also where a link on the way
/// leads elsewhere, as `..data` of a ConfigMap does. Looks twice a second, on a thread of its own, since neither
/// inotify on the path nor on its target would see all of that. A file that is being written is waited for.
class FileWatch {
 public:
  /// `changed` is called on the watch's thread, never after the end of this object.
  explicit FileWatch(std::function<void()> changed);
  /// Waits for no file system.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Watches these from now on; of those that were watched before, what has changed since is still noticed. Any thread.
  void watch(const FileNames& files);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pbxbridge::app
