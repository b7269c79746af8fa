#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/outcome_queue.hpp"
#include "sink/line_target.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// A thread that writes events as lines to a target, in batches.
///
/// Answers everything of one generation with retry, unwritten, once a batch of it was not written whole: a
/// later event of a key must not overtake one that failed. The sink begins a new generation once all of the old is
/// answered.
class LineWriter : public std::enable_shared_from_this<LineWriter> {
 public:
  /// Called on the writer's thread; must not call the writer.
  struct Handlers {
    std::function<void(std::string detail)> opened;
    std::function<void(Error error)> failed;  ///< the last call; outcomes of what was not acknowledged do not come
    std::function<void(std::string text)> notice;
    std::function<void()> finished;
  };
  struct Item {
    std::uint64_t token = 0;
    EventPtr event;
    Format format = Format::raw;
    bool redelivered = false;
    std::uint64_t generation = 0;
  };

  LineWriter(std::unique_ptr<LineTarget> target, std::shared_ptr<OutcomeQueue> outcomes, Handlers handlers)
      : target_(std::move(target)), outcomes_(std::move(outcomes)), handlers_(std::move(handlers)) {}

  /// The thread holds this object and is never joined: a file system that hangs must not hang the caller. It ends after
  /// `finish` or `abandon`, as soon as the call it is in returns.
  void start();
  void push(Item item);
  void reopen();
  /// Writes what was pushed, flushes, then `finished`.
  void finish();
  /// Afterwards no outcome is pushed and no handler called.
  void abandon();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  bool work();
  void wait_for_work(Lock& lock);
  std::vector<Item> take_batch();
  bool flush_is_due() const;
  bool write(const std::vector<Item>& batch);
  bool answer(std::span<const Item> items, std::size_t delivered);
  bool survives(const std::optional<Error>& error);
  template <class Call>
  bool call_back(Call call);

  std::unique_ptr<LineTarget> target_;  // writer's thread only
  std::vector<std::string> lines_;      // writer's thread only
  std::shared_ptr<OutcomeQueue> outcomes_;
  Handlers handlers_;
  std::optional<std::uint64_t> rejected_generation_;  // writer's thread only
  std::string rejection_;                             // writer's thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;  // under mutex_
  bool reopen_ = false;     // under mutex_
  bool finish_ = false;     // under mutex_
  bool abandon_ = false;    // under mutex_
};

}  // namespace pbxbridge::sink
