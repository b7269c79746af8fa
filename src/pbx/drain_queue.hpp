#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <type_traits>
#include <utility>

namespace pbxbridge::pbx {

/// An executor on the io thread for a read loop whose next message is often buffered already. Asio would post each such
/// completion to the io loop, which asks the kernel for news before each one it runs; here they run one after the
/// other, and the loop gets its turn after `turns` of them. Io thread only.
class DrainQueue : public std::enable_shared_from_this<DrainQueue> {
 public:
  static constexpr std::size_t turns = 64;

  explicit DrainQueue(boost::asio::io_context& io) : io_(io) {}

  /// Runs `function` now, or after the one that runs now.
  template <class Function>
  void run(Function&& function) {
    add(std::forward<Function>(function));
    if (!draining_) drain();
  }

  /// Never runs it before the caller returns.
  template <class Function>
  void run_later(Function&& function) {
    add(std::forward<Function>(function));
    if (!std::exchange(draining_, true)) drain_later();
  }

  /// Forgets what waits: completions own their connection, which owns this queue.
  void clear() { std::exchange(waiting_, {}).clear(); }

  /// Refers to the queue, which must outlive it.
  class Executor {
   public:
    explicit Executor(DrainQueue& queue, bool later = false) noexcept : queue_(&queue), later_(later) {}

    template <class Function>
    void execute(Function&& function) const {
      if (later_)
        queue_->run_later(std::forward<Function>(function));
      else
        queue_->run(std::forward<Function>(function));
    }
    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return queue_->io_; }
    Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return Executor(*queue_, true); }
    bool operator==(const Executor&) const noexcept = default;

   private:
    DrainQueue* queue_;
    bool later_;
  };

  Executor executor() noexcept { return Executor(*this); }

 private:
  struct Waiting {
    virtual ~Waiting() = default;
    virtual void run() = 0;
  };
  template <class Function>
  struct Holder final : Waiting {
    explicit Holder(Function&& with) : function(std::move(with)) {}
    explicit Holder(const Function& with) : function(with) {}
    void run() override { std::move(function)(); }
    Function function;
  };

  template <class Function>
  void add(Function&& function) {
    waiting_.push_back(std::make_unique<Holder<std::decay_t<Function>>>(std::forward<Function>(function)));
  }

  void drain_later() {
    boost::asio::post(io_, [self = shared_from_this()] { self->drain(); });
  }

  void drain() {
    const auto self = shared_from_this();  // what runs may release the owner
    draining_ = true;
    for (std::size_t turn = 0; turn < turns && !waiting_.empty(); ++turn) {
      const auto next = std::move(waiting_.front());
      waiting_.pop_front();
      next->run();
    }
    if (waiting_.empty())
      draining_ = false;
    else
      drain_later();
  }

  boost::asio::io_context& io_;
  std::deque<std::unique_ptr<Waiting>> waiting_;
  bool draining_ = false;
};

}  // namespace pbxbridge::pbx
