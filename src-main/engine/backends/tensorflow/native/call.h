// One call of a kernel, as TensorFlow's C API shows it.
#pragma once
#include <tensorflow/c/kernels.h>
#include <tensorflow/c/tf_status.h>
#include <tensorflow/c/tf_tensor.h>

#include <cstdint>
#include <vector>

namespace sampo {

/** Inputs and outputs of one call, given back at its end. */
class Call {
 public:
  explicit Call(TF_OpKernelContext* context)
      : context_(context), status_(TF_NewStatus()), inputs_(TF_NumInputs(context)) {}
  ~Call() {
    for (const auto* tensors : {&inputs_, &outputs_})
      for (TF_Tensor* tensor : *tensors)
        if (tensor) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }
  Call(const Call&) = delete;

  template <typename T = float>
  const T* In(int i) {
    return static_cast<const T*>(TF_TensorData(Tensor(i)));
  }
  int64_t Dim(int i, int axis) { return TF_Dim(Tensor(i), axis); }
  int64_t Size(int i) { return TF_TensorElementCount(Tensor(i)); }
  int64_t LastDim(int i) { return Dim(i, TF_NumDims(Tensor(i)) - 1); }
  float Scalar(int i) { return *In(i); }

  /** Output `i` with the shape of input `like`; null where memory is short, and then TensorFlow has been told. */
  float* OutLike(int i, int like) { return Out(i, Shape(like)); }

  /** The same in the memory of input `like`, unless somebody else wants that. Pointers to the input are to be asked for
   * afterwards. */
  float* OutInPlace(int i, int like) {
    const std::vector<int64_t> dims = Shape(like);
    TF_DeleteTensor(inputs_[like]); // our own handle would count as somebody else
    inputs_[like] = nullptr;
    return Made(TF_ForwardInputOrAllocateOutput(context_, &like, 1, i, dims.data(), dims.size(), nullptr, status_));
  }

  float* Out(int i, const std::vector<int64_t>& dims) {
    int64_t size = sizeof(float);
    for (int64_t d : dims) size *= d;
    return Made(TF_AllocateOutput(context_, i, TF_FLOAT, dims.data(), dims.size(), size, status_));
  }

  /** Memory for as long as the call. */
  float* Temporary(int64_t size) {
    TF_AllocatorAttributes anywhere = {TF_ALLOCATOR_ATTRIBUTES_STRUCT_SIZE, 0};
    return Made(TF_AllocateTemp(context_, TF_FLOAT, &size, 1, &anywhere, status_));
  }

 private:
  TF_Tensor* Tensor(int i) {
    if (inputs_[i] == nullptr) TF_GetInput(context_, i, &inputs_[i], status_);
    return inputs_[i];
  }

  std::vector<int64_t> Shape(int i) {
    std::vector<int64_t> dims(TF_NumDims(Tensor(i)));
    for (size_t axis = 0; axis < dims.size(); axis++) dims[axis] = Dim(i, axis);
    return dims;
  }

  float* Made(TF_Tensor* output) {
    if (TF_GetCode(status_) != TF_OK) {
      TF_OpKernelContext_Failure(context_, status_);
      return nullptr;
    }
    outputs_.push_back(output);
    return static_cast<float*>(TF_TensorData(output));
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, outputs_;
};

} // namespace sampo
