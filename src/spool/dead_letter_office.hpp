#pragma once

#include "spool/commit_thread.hpp"
#include "spool/dead_letter_store.hpp"
#include "spool/store_slot.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// What an operator has done with the dead letters of a spool in use: they are changed on the commit thread, and what
/// is to be delivered after all waits here for its sink. Io thread.
class DeadLetterOffice {
 public:
  /// The number of letters.
  using Changed = std::function<void(const Result<std::uint64_t>&)>;

  DeadLetterOffice(boost::asio::io_context& io, StoreSlot& slot, CommitThread& commits)
      : io_(io), slot_(slot), commits_(commits) {}
  ~DeadLetterOffice() { *alive_ = false; }
  DeadLetterOffice(const DeadLetterOffice&) = delete;
  DeadLetterOffice& operator=(const DeadLetterOffice&) = delete;

  std::map<std::string, DeadLetterCount> counts() const;
  void redrive(const std::string& sink, const std::string& key, Changed changed);
  void drop(const std::string& sink, const std::string& key, Changed changed);
  /// The next letters of this sink that are to be delivered after all, each returned once; none where they cannot be
  /// read just now.
  std::vector<DeadLetter> take_redriven(const std::string& sink);

 private:
  struct Redrive {
    bool wanted = true;  // from an earlier life, too
    std::string after;   // key of the last letter that was taken
  };

  void change(std::function<Result<std::uint64_t>(DeadLetterStore&)> change, Changed changed);

  boost::asio::io_context& io_;
  StoreSlot& slot_;
  CommitThread& commits_;
  std::map<std::string, Redrive> redrives_;  // by sink
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pbxbridge::spool
